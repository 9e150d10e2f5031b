//! A browser with cookies that follows redirects.

use std::collections::BTreeMap;

use axum::http::Method;
use url::Url;

use super::{ApiResponse, App, Client, Provider};

/// A browser.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Creates a browser without cookies.
    pub fn new(app: &App) -> Self {
        Self::with_client(app.anonymous())
    }

    /// Creates a browser that sends its requests with this client.
    pub fn with_client(client: Client) -> Self {
        Self {
            client,
            cookies: BTreeMap::new(),
        }
    }

    /// Sends a GET request with the cookies of the browser, and stores the cookies of the response.
    pub async fn open(&mut self, path: &str) -> ApiResponse {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = pairs.join("; ");
        let headers = [("cookie", cookies.as_str())];
        let response = self.client.request(Method::GET, path, &headers, "").await;
        for cookie in response.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    /// Starts a sign-in. Returns the callback to which the provider redirects, as a path with its query.
    pub async fn begin(&mut self, provider: &Provider, parameters: &str) -> String {
        let response = self.open(&format!("/auth/google/login?{parameters}")).await;
        assert_eq!(response.status, 302, "{}", response.text);
        path_and_query(&provider.authorize(response.header("location")))
    }

    /// Signs in, and returns the URL to which the callback redirects.
    pub async fn sign_in(&mut self, provider: &Provider, parameters: &str) -> String {
        let callback = self.begin(provider, parameters).await;
        let response = self.open(&callback).await;
        assert_eq!(response.status, 302, "{}", response.text);
        response.header("location").to_owned()
    }
}

fn path_and_query(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}
