//! A simulated SMTP server (RFC 5321) that misbehaves as a test requires.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ReceivedEmail;
use super::web::serve;

/// The timeout of any wait of a test.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The treatment of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Accept,
    /// Greets with 554.
    RejectSession,
    /// Answers AUTH with 535.
    RejectPassword,
    /// Answers RCPT with 550.
    RejectPermanently,
    /// Answers RCPT with 451.
    RejectTemporarily,
    /// Sends nothing.
    Hang,
    /// Closes the connection during DATA.
    DropInData,
    /// Receives an email, and closes the connection before its reply.
    DropBeforeReply,
    /// Receives an email, and replies when the behaviour changes.
    DelayReply,
}

/// A server on a loopback port. It stops on drop.
pub struct Smtp {
    pub address: SocketAddr,
    state: Arc<SmtpState>,
    listening: JoinHandle<()>,
}

struct SmtpState {
    behaviour: watch::Sender<Behaviour>,
    received: Mutex<Vec<ReceivedEmail>>,
    /// The number of connections so far.
    connections: watch::Sender<usize>,
}

impl Smtp {
    /// Starts a server that accepts all emails.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = Arc::new(SmtpState {
            behaviour: watch::Sender::new(Behaviour::Accept),
            received: Mutex::default(),
            connections: watch::Sender::new(0),
        });
        Self {
            address: listener.local_addr().unwrap(),
            listening: tokio::spawn(serve(listener, state.clone(), serve_session)),
            state,
        }
    }

    /// Returns the flag of a server that sends its emails here.
    pub fn flag(&self) -> String {
        format!("--smtp-url=smtp://{}", self.address)
    }

    /// Changes the behaviour for new connections.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.state.behaviour.send_replace(behaviour);
    }

    /// Closes all connections and stops listening.
    pub async fn stop(&mut self) {
        self.listening.abort();
        _ = (&mut self.listening).await;
    }

    /// Listens again on the same port.
    pub async fn listen_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.listening = tokio::spawn(serve(listener, self.state.clone(), serve_session));
    }

    /// Returns the emails received since the last call.
    pub fn take_emails(&self) -> Vec<ReceivedEmail> {
        std::mem::take(&mut self.state.received.lock().unwrap())
    }

    /// Returns the single email received since the last call.
    pub fn take_single_email(&self) -> ReceivedEmail {
        let mut emails = self.take_emails();
        assert_eq!(emails.len(), 1, "{emails:?}");
        emails.remove(0)
    }

    /// Returns the number of connections so far.
    pub fn connection_count(&self) -> usize {
        *self.state.connections.borrow()
    }

    /// Waits until there have been this many connections.
    pub async fn wait_for_connections(&self, count: usize) {
        let mut connections = self.state.connections.subscribe();
        let received = connections.wait_for(|connections| *connections >= count);
        let received = tokio::time::timeout(TIMEOUT, received).await;
        received.expect("no connection within the timeout").unwrap();
    }

    /// Waits until this many emails were received, and returns them.
    pub async fn wait_for_emails(&self, count: usize) -> Vec<ReceivedEmail> {
        let wait = async {
            while self.state.received.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let received = tokio::time::timeout(TIMEOUT, wait).await;
        received.expect("no email within the timeout");
        self.take_emails()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve_session(stream: TcpStream, state: Arc<SmtpState>) -> io::Result<()> {
    let behaviour = *state.behaviour.borrow();
    state
        .connections
        .send_modify(|connections| *connections += 1);
    let mut stream = BufReader::new(stream);
    match behaviour {
        Behaviour::Hang => return std::future::pending().await,
        Behaviour::RejectSession => return send_reply(&mut stream, "554 5.3.2 closed today").await,
        _ => send_reply(&mut stream, "220 sink.example ESMTP").await?,
    }
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let Some(line) = read_line(&mut stream).await? else {
            return Ok(());
        };
        let upper = line.to_ascii_uppercase();
        let path = || {
            let (_, path) = line.split_once('<').unwrap_or_default();
            path.split('>').next().unwrap_or_default().to_owned()
        };
        match upper.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => {
                let offers = "250-sink.example\r\n250-8BITMIME\r\n250 AUTH PLAIN";
                send_reply(&mut stream, offers).await?;
            }
            "AUTH" if behaviour == Behaviour::RejectPassword => {
                send_reply(&mut stream, "535 5.7.8 wrong password").await?;
            }
            "AUTH" => send_reply(&mut stream, "235 2.7.0 welcome").await?,
            "MAIL" => {
                (from, to) = (path(), Vec::new());
                send_reply(&mut stream, "250 2.1.0 fine").await?;
            }
            "RCPT" => match behaviour {
                Behaviour::RejectPermanently => {
                    send_reply(&mut stream, &format!("550 5.1.1 no <{}> here", path())).await?;
                }
                Behaviour::RejectTemporarily => {
                    send_reply(&mut stream, &format!("451 4.7.1 <{}>, later", path())).await?;
                }
                _ => {
                    to.push(path());
                    send_reply(&mut stream, "250 2.1.5 fine").await?;
                }
            },
            "DATA" => {
                send_reply(&mut stream, "354 go ahead").await?;
                let Some(text) = read_message(&mut stream, behaviour).await? else {
                    return Ok(());
                };
                let (from, to) = (from.clone(), std::mem::take(&mut to));
                let email = ReceivedEmail { from, to, text };
                state.received.lock().unwrap().push(email);
                match behaviour {
                    Behaviour::DropBeforeReply => return Ok(()),
                    Behaviour::DelayReply => {
                        let mut now = state.behaviour.subscribe();
                        _ = now.wait_for(|now| *now != Behaviour::DelayReply).await;
                    }
                    _ => {}
                }
                send_reply(&mut stream, "250 2.0.0 taken").await?;
            }
            "HELO" | "NOOP" | "RSET" => send_reply(&mut stream, "250 fine").await?,
            "QUIT" => return send_reply(&mut stream, "221 2.0.0 goodbye").await,
            _ => send_reply(&mut stream, "502 5.5.1 what?").await?,
        }
    }
}

async fn send_reply(stream: &mut BufReader<TcpStream>, reply_text: &str) -> io::Result<()> {
    let line = format!("{reply_text}\r\n");
    stream.get_mut().write_all(line.as_bytes()).await
}

/// Reads a line without its CR LF. Returns `None` at the end of the connection or at another line end.
async fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(line.strip_suffix("\r\n").map(ToOwned::to_owned))
}

/// Reads a message up to its final dot, without dot-stuffing.
async fn read_message(
    stream: &mut BufReader<TcpStream>,
    behaviour: Behaviour,
) -> io::Result<Option<String>> {
    let mut message = String::new();
    while let Some(line) = read_line(stream).await? {
        if behaviour == Behaviour::DropInData {
            return Ok(None);
        }
        if line == "." {
            return Ok(Some(message));
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
        message.push_str("\r\n");
    }
    Ok(None)
}
