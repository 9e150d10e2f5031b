//! Fetches of URLs from user input: URLs and addresses that are refused.

use std::net::IpAddr;

use wares::infra::http_client::fetch::{Fetcher, Times, check, is_public};

use crate::harness::{WebServer, sqlite_app};
use crate::infra::fetching::{fetch, permanent, unrestricted_fetcher};

const PRIVATE: &str = "the URL leads to a private network";

#[tokio::test]
async fn private_addresses_of_all_spellings_are_refused() {
    let web = WebServer::start("0.0.0.0").await;
    let fetcher = sqlite_app().await.state.fetcher.clone();
    let port = web.address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "127.255.255.254",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0177.0.0.01",
        "%31%32%37.0.0.1",
        "１２７。０。０。１",
        "0",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "localhost",
        "LocalHost",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            assert_eq!(permanent(&fetcher, &url).await, PRIVATE, "{url}");
        }
    }
    // Only some machines resolve these names.
    for host in ["localhost.", "localhost.localdomain", "shop.localhost"] {
        let refused = fetch(&fetcher, &format!("http://{host}:{port}/")).await;
        assert!(refused.is_err(), "{host}");
    }
    assert_eq!(web.connection_count(), 0, "it was connected to");
    // With the setting, the private address is reached.
    web.respond_with("/", "HTTP/1.1 200 OK\r\n\r\nhere");
    let allowed = unrestricted_fetcher().await;
    for host in ["0x7f.1", "localhost"] {
        let response = fetch(&allowed, &format!("http://{host}:{port}/")).await;
        assert_eq!(response.unwrap(), "here", "{host}");
    }
}

#[tokio::test]
async fn redirect_to_a_private_address_is_refused() {
    let public = WebServer::start("127.0.0.1").await;
    let private = WebServer::start("127.0.0.2").await;
    private.respond_with("/", "HTTP/1.1 200 OK\r\n\r\nsecret");
    let only_one = |address: IpAddr| address == IpAddr::from([127, 0, 0, 1]);
    let fetcher = Fetcher::with(only_one, Times::default());
    public.redirect("/", 302, &private.url("/"));
    public.redirect("/twice", 302, "/");
    for path in ["/", "/twice"] {
        assert_eq!(permanent(&fetcher, &public.url(path)).await, PRIVATE);
    }
    assert_eq!(
        (public.connection_count(), private.connection_count()),
        (3, 0)
    );
    let all = Fetcher::with(|_| true, Times::default());
    assert_eq!(fetch(&all, &public.url("/")).await.unwrap(), "secret");
}

#[test]
fn public_addresses_are_distinguished_from_private_ones() {
    for public in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "168.63.129.15",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001:80b::200e",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
    for private in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:8.8.8.8",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ffff::1",
    ] {
        assert!(!is_public(private.parse().unwrap()), "{private}");
    }
}

#[test]
fn urls_are_checked_without_requests() {
    for (text, read) in [
        ("https://shop.example/a.jpg", "https://shop.example/a.jpg"),
        (
            "HTTP://Shop.Example:80/a b.jpg?x={y}#z",
            "http://shop.example/a%20b.jpg?x={y}",
        ),
        ("https://shop.example:8443", "https://shop.example:8443/"),
        (
            "https://bücher.example/ä.png",
            "https://xn--bcher-kva.example/%C3%A4.png",
        ),
        ("https://shop.example:443/", "https://shop.example/"),
    ] {
        assert_eq!(check(text).unwrap().as_str(), read);
    }
    for text in [
        "",
        "a.jpg",
        "/a.jpg",
        "//shop.example/a.jpg",
        "ftp://shop.example/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "gopher://shop.example/_",
        "unix:/run/docker.sock",
        "https://",
        "https://:443/",
        "https://user@shop.example/",
        "https://user:password@shop.example/",
        "https://:password@shop.example/",
        "http://shop.example:22/",
        "http://shop.example:25/",
        "http://shop.example:0/",
        "http://shop.example:1023/",
        "http://shop.example:65536/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://256.256.256.256/",
        "http://shop .example/",
    ] {
        assert!(check(text).is_err(), "{text}");
    }
    let long = |length: usize| {
        let start = "https://shop.example/";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    assert!(check(&long(2_000)).is_ok());
    assert!(check(&long(2_001)).is_err());
}
