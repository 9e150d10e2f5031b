//! Fetches of URLs from user input: requests, redirects and failures.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use wares::core::retry::Failure;
use wares::infra::http_client::fetch::{Fetcher, Times};

use crate::harness::{App, Backend, Step, WebServer};

const SLOW: &str = "the host timed out";

/// The maximum size of a response in these tests.
const MOST: u64 = 10;

/// A fetcher that may reach private addresses.
pub async fn unrestricted_fetcher() -> Fetcher {
    let settings = ["--fetch-private-addresses=on"];
    App::start(Backend::Sqlite, &settings)
        .await
        .state
        .fetcher
        .clone()
}

/// The same with short timeouts.
fn fetcher_with_short_timeouts(change: impl FnOnce(&mut Times)) -> Fetcher {
    let mut times = Times::default();
    change(&mut times);
    Fetcher::with(|_| true, times)
}

pub async fn fetch(fetcher: &Fetcher, url: &str) -> Result<String, Failure> {
    let response = fetcher.get(url, MOST).await?;
    let bytes: Vec<_> = response.stream.try_collect().await?;
    Ok(String::from_utf8(bytes.concat()).unwrap())
}

pub async fn permanent(fetcher: &Fetcher, url: &str) -> String {
    match fetch(fetcher, url).await {
        Err(Failure::Permanent(story)) => story,
        other => panic!("{url}: {other:?}"),
    }
}

async fn temporary(fetcher: &Fetcher, url: &str) -> String {
    match fetch(fetcher, url).await {
        Err(Failure::Temporary(story)) => story,
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn fetch_sends_no_identifying_headers() {
    let web = WebServer::start("127.0.0.1").await;
    let fetcher = unrestricted_fetcher().await;
    web.respond_with(
        "/a.png?x=1",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\npicture",
    );
    let response = fetcher.get(&web.url("/a.png?x=1#part"), 7).await.unwrap();
    assert_eq!(response.length, Some(7));
    let bytes: Vec<_> = response.stream.try_collect().await.unwrap();
    assert_eq!(bytes.concat(), b"picture");
    let mut lines: Vec<_> = web.heads()[0].lines().map(str::to_lowercase).collect();
    lines.sort_unstable();
    let version = env!("CARGO_PKG_VERSION");
    let expected = [
        String::new(),
        "accept-encoding: identity".to_owned(),
        "accept: image/*".to_owned(),
        "get /a.png?x=1 http/1.1".to_owned(),
        format!("host: {}", web.address),
        format!("user-agent: wares/{version}"),
    ];
    assert_eq!(lines, expected);
    // With and without Content-Length.
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npict\r\n3\r\nure\r\n0\r\n\r\n";
    web.respond_with("/chunked", chunked);
    web.respond_with("/untold", "HTTP/1.1 200 OK\r\n\r\npicture");
    for path in ["/chunked", "/untold"] {
        assert_eq!(fetch(&fetcher, &web.url(path)).await.unwrap(), "picture");
    }
    web.respond_with("/empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(fetch(&fetcher, &web.url("/empty")).await.unwrap(), "");
}

#[tokio::test]
async fn fetch_follows_up_to_3_redirects() {
    let web = WebServer::start("127.0.0.1").await;
    let other = WebServer::start("127.0.0.1").await;
    let fetcher = unrestricted_fetcher().await;
    web.redirect("/1", 301, "/2?of=3");
    web.redirect("/2?of=3", 302, &other.url("/3#x"));
    other.redirect("/3", 307, "4");
    other.respond_with("/4", "HTTP/1.1 200 OK\r\n\r\nhere");
    assert_eq!(fetch(&fetcher, &web.url("/1")).await.unwrap(), "here");
    web.redirect("/0", 308, "/1");
    web.redirect("/loop", 303, "/loop");
    for (path, visits) in [("/0", 8), ("/loop", 12)] {
        let story = permanent(&fetcher, &web.url(path)).await;
        assert_eq!(story, "the host redirects too often");
        assert_eq!(
            web.connection_count() + other.connection_count(),
            visits,
            "{path}"
        );
    }
}

#[tokio::test]
async fn redirect_to_an_invalid_url_fails() {
    let web = WebServer::start("127.0.0.1").await;
    let fetcher = unrestricted_fetcher().await;
    for to in [
        "ftp://127.0.0.1/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "http://user:password@127.0.0.1/",
        "http://127.0.0.1:25/",
        "http://",
        "",
    ] {
        web.redirect("/", 302, to);
        let story = permanent(&fetcher, &web.url("/")).await;
        let expected = match to {
            "" => "the host redirects too often",
            _ => "the host redirects to a URL that is not allowed",
        };
        assert_eq!(story, expected, "{to}");
    }
    web.respond_with("/", "HTTP/1.1 302 Found\r\n\r\n");
    assert_eq!(
        permanent(&fetcher, &web.url("/")).await,
        "the host returned status 302"
    );
}

#[tokio::test]
async fn too_large_response_fails_with_and_without_content_length() {
    let web = WebServer::start("127.0.0.1").await;
    let fetcher = unrestricted_fetcher().await;
    web.respond_with("/declared", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n");
    web.respond_with("/just", "HTTP/1.1 200 OK\r\n\r\n0123456789");
    web.respond_with("/streamed", "HTTP/1.1 200 OK\r\n\r\n0123456789a");
    let head = "HTTP/1.1 200 OK\r\n\r\n".to_owned();
    web.set_steps("/endless", &[Step::Send(head.into()), Step::Pour]);
    assert!(fetch(&fetcher, &web.url("/just")).await.is_ok());
    // A declared length is checked before the body is read.
    let refused = fetcher.get(&web.url("/declared"), MOST).await.unwrap_err();
    assert_eq!(
        refused,
        Failure::Permanent("larger than 10 bytes".to_owned())
    );
    for path in ["/declared", "/streamed", "/endless"] {
        let story = permanent(&fetcher, &web.url(path)).await;
        assert_eq!(story, "larger than 10 bytes", "{path}");
    }
}

#[tokio::test]
async fn error_status_is_temporary_or_permanent() {
    let web = WebServer::start("127.0.0.1").await;
    let fetcher = unrestricted_fetcher().await;
    for status in [201, 204, 206, 304, 400, 401, 403, 404, 410, 418, 451] {
        web.respond_with("/", &format!("HTTP/1.1 {status} Hm\r\n\r\n"));
        let story = permanent(&fetcher, &web.url("/")).await;
        assert_eq!(story, format!("the host returned status {status}"));
    }
    for status in [408, 425, 429, 500, 502, 503, 504, 599] {
        web.respond_with("/", &format!("HTTP/1.1 {status} Hm\r\n\r\n"));
        let story = temporary(&fetcher, &web.url("/")).await;
        assert_eq!(story, format!("the host returned status {status}"));
    }
    web.respond_with("/", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n....");
    let story = permanent(&fetcher, &web.url("/")).await;
    assert_eq!(story, "the host returned an unexpected content encoding");
}

#[tokio::test]
async fn connection_errors_are_temporary() {
    let web = WebServer::start("127.0.0.1").await;
    let fetcher = unrestricted_fetcher().await;
    web.respond_with("/cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npict");
    web.respond_with(
        "/cut-chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\npict",
    );
    for path in ["/cut", "/cut-chunk"] {
        let story = temporary(&fetcher, &web.url(path)).await;
        assert_eq!(
            story, "connection closed while reading the response",
            "{path}"
        );
    }
    let odd = "the host returned an invalid HTTP response";
    for response in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "220 mail.example ESMTP\r\n",
    ] {
        web.respond_with("/odd", response);
        assert_eq!(
            temporary(&fetcher, &web.url("/odd")).await,
            odd,
            "{response}"
        );
    }
    let secure = format!("https://{}/", web.address);
    assert_eq!(
        temporary(&fetcher, &secure).await,
        "connection to the host failed"
    );
    let unknown = "http://no-such-host.invalid/";
    assert_eq!(
        temporary(&fetcher, unknown).await,
        "the host name can't be resolved"
    );
    let address = web.address;
    drop(web);
    // The listener is closed with its task, shortly after.
    let gone = async || tokio::net::TcpStream::connect(address).await.is_err();
    while !gone().await {
        tokio::task::yield_now().await;
    }
    let story = temporary(&fetcher, &format!("http://{address}/")).await;
    assert_eq!(story, "connection to the host failed");
}

#[tokio::test]
async fn slow_host_times_out() {
    let short = Duration::from_millis(200);
    let web = WebServer::start("127.0.0.1").await;
    let head = Step::Send("HTTP/1.1 200 OK\r\n\r\n".into());
    web.set_steps("/silent", &[Step::Hang]);
    web.set_steps(
        "/slow-head",
        &[Step::Send("HTTP/1.1 200 OK\r\nX: ".into()), Step::Drip],
    );
    web.set_steps(
        "/stalls",
        &[head.clone(), Step::Send("12345".into()), Step::Hang],
    );
    web.set_steps("/drips", &[head, Step::Drip]);
    let begun = Instant::now();
    let fetcher = fetcher_with_short_timeouts(|times| times.head = short);
    for path in ["/silent", "/slow-head"] {
        let refused = fetcher.get(&web.url(path), 1 << 20).await.unwrap_err();
        assert_eq!(refused, Failure::Temporary(SLOW.to_owned()), "{path}");
    }
    let fetcher = fetcher_with_short_timeouts(|times| times.stall = short);
    assert_eq!(temporary(&fetcher, &web.url("/stalls")).await, SLOW);
    // Each byte is in time, but the whole body is not.
    let fetcher = fetcher_with_short_timeouts(|times| times.whole = short);
    let response = fetcher.get(&web.url("/drips"), 1 << 20).await.unwrap();
    let refused = response.stream.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(refused, Failure::Temporary(SLOW.to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(8), "waited for more");
}
