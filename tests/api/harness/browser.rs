//! A browser with cookies that follows redirects.

use std::collections::BTreeMap;

use axum::http::Method;
use url::Url;

use super::{Answer, App, Client, Provider};

/// A browser.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Creates a browser without cookies.
    pub fn new(app: &App) -> Self {
        Self::over(app.anonymous())
    }

    /// Creates a browser that sends its requests with this client.
    pub fn over(client: Client) -> Self {
        Self {
            client,
            cookies: BTreeMap::new(),
        }
    }

    /// Sends a GET request with the cookies of the browser, and stores the cookies of the response.
    pub async fn open(&mut self, path: &str) -> Answer {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = pairs.join("; ");
        let headers = [("cookie", cookies.as_str())];
        let answer = self.client.request(Method::GET, path, &headers, "").await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Starts a sign-in. Returns the callback to which the provider redirects, as a path with its query.
    pub async fn begin(&mut self, provider: &Provider, parameters: &str) -> String {
        let answer = self.open(&format!("/auth/google/login?{parameters}")).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        path_of(&provider.authorize(answer.header("location")))
    }

    /// Signs in, and returns the URL to which the callback redirects.
    pub async fn sign_in(&mut self, provider: &Provider, parameters: &str) -> String {
        let callback = self.begin(provider, parameters).await;
        let answer = self.open(&callback).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        answer.header("location").to_owned()
    }
}

fn path_of(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}
