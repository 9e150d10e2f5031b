//! A simulated SMTP server (RFC 5321) that misbehaves as a test requires.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Received;
use super::web::serve;

/// The timeout of any wait of a test.
const PATIENCE: Duration = Duration::from_secs(30);

/// The treatment of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Accept,
    /// Greets with 554.
    RefuseSession,
    /// Answers AUTH with 535.
    RefusePassword,
    /// Answers RCPT with 550.
    RefuseForGood,
    /// Answers RCPT with 451.
    RefuseForNow,
    /// Sends nothing.
    Hang,
    /// Closes the connection during DATA.
    DropInData,
    /// Receives an email, and closes the connection before its reply.
    DropBeforeAnswer,
    /// Receives an email, and replies when the behaviour changes.
    Dawdle,
}

/// A server on a loopback port. It stops on drop.
pub struct Smtp {
    pub address: SocketAddr,
    desk: Arc<Desk>,
    listening: JoinHandle<()>,
}

struct Desk {
    behaviour: watch::Sender<Behaviour>,
    received: Mutex<Vec<Received>>,
    /// The number of connections so far.
    visits: watch::Sender<usize>,
}

impl Smtp {
    /// Starts a server that accepts all emails.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let desk = Arc::new(Desk {
            behaviour: watch::Sender::new(Behaviour::Accept),
            received: Mutex::default(),
            visits: watch::Sender::new(0),
        });
        Self {
            address: listener.local_addr().unwrap(),
            listening: tokio::spawn(serve(listener, desk.clone(), attend)),
            desk,
        }
    }

    /// Returns the flag of a server that sends its emails here.
    pub fn flag(&self) -> String {
        format!("--smtp-url=smtp://{}", self.address)
    }

    /// Changes the behaviour for new connections.
    pub fn behave(&self, behaviour: Behaviour) {
        self.desk.behaviour.send_replace(behaviour);
    }

    /// Closes all connections and stops listening.
    pub async fn stop(&mut self) {
        self.listening.abort();
        _ = (&mut self.listening).await;
    }

    /// Listens again on the same port.
    pub async fn listen_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.listening = tokio::spawn(serve(listener, self.desk.clone(), attend));
    }

    /// Returns the emails received since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.desk.received.lock().unwrap())
    }

    /// Returns the single email received since the last call.
    pub fn take_one(&self) -> Received {
        let mut letters = self.take();
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters.remove(0)
    }

    /// Returns the number of connections so far.
    pub fn visits(&self) -> usize {
        *self.desk.visits.borrow()
    }

    /// Waits until there have been this many connections.
    pub async fn until_visits(&self, count: usize) {
        let mut visits = self.desk.visits.subscribe();
        let come = visits.wait_for(|visits| *visits >= count);
        let come = tokio::time::timeout(PATIENCE, come).await;
        come.expect("no connection within the timeout").unwrap();
    }

    /// Waits until this many emails were received, and returns them.
    pub async fn until_received(&self, count: usize) -> Vec<Received> {
        let wait = async {
            while self.desk.received.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let come = tokio::time::timeout(PATIENCE, wait).await;
        come.expect("no email within the timeout");
        self.take()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn attend(stream: TcpStream, desk: Arc<Desk>) -> io::Result<()> {
    let behaviour = *desk.behaviour.borrow();
    desk.visits.send_modify(|visits| *visits += 1);
    let mut stream = BufReader::new(stream);
    match behaviour {
        Behaviour::Hang => return std::future::pending().await,
        Behaviour::RefuseSession => return say(&mut stream, "554 5.3.2 closed today").await,
        _ => say(&mut stream, "220 sink.example ESMTP").await?,
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
                say(&mut stream, offers).await?;
            }
            "AUTH" if behaviour == Behaviour::RefusePassword => {
                say(&mut stream, "535 5.7.8 wrong password").await?;
            }
            "AUTH" => say(&mut stream, "235 2.7.0 welcome").await?,
            "MAIL" => {
                (from, to) = (path(), Vec::new());
                say(&mut stream, "250 2.1.0 fine").await?;
            }
            "RCPT" => match behaviour {
                Behaviour::RefuseForGood => {
                    say(&mut stream, &format!("550 5.1.1 no <{}> here", path())).await?;
                }
                Behaviour::RefuseForNow => {
                    say(&mut stream, &format!("451 4.7.1 <{}>, later", path())).await?;
                }
                _ => {
                    to.push(path());
                    say(&mut stream, "250 2.1.5 fine").await?;
                }
            },
            "DATA" => {
                say(&mut stream, "354 go ahead").await?;
                let Some(text) = read_message(&mut stream, behaviour).await? else {
                    return Ok(());
                };
                let (from, to) = (from.clone(), std::mem::take(&mut to));
                let letter = Received { from, to, text };
                desk.received.lock().unwrap().push(letter);
                match behaviour {
                    Behaviour::DropBeforeAnswer => return Ok(()),
                    Behaviour::Dawdle => {
                        let mut now = desk.behaviour.subscribe();
                        _ = now.wait_for(|now| *now != Behaviour::Dawdle).await;
                    }
                    _ => {}
                }
                say(&mut stream, "250 2.0.0 taken").await?;
            }
            "HELO" | "NOOP" | "RSET" => say(&mut stream, "250 fine").await?,
            "QUIT" => return say(&mut stream, "221 2.0.0 goodbye").await,
            _ => say(&mut stream, "502 5.5.1 what?").await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, words: &str) -> io::Result<()> {
    let line = format!("{words}\r\n");
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
