//! What the fuzz targets share: a server at the other end of an in-memory connection, and what
//! holds for every error.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diyalog::{Error, ErrorCode};

/// Ends a connection of a script.
pub const NEXT_CONNECTION: u8 = 0x1e;
/// Ends an answer of a script: the next is sent when another request has come.
pub const NEXT_ANSWER: u8 = 0x1f;

pub const SECRET: &str = "s3cr3t-access-key";
pub const PASSWORD: &str = "pr0xy-passw0rd";

/// How long a server that follows a script waits for another request on a connection: the client may
/// be waiting for more of the answer.
const PATIENCE: Duration = Duration::from_millis(2);

/// The answer that no other lookup gets.
pub const RIGHT_ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 52\r\n\r\n{\"isInHelp\":true,\"helpType\":\"x\",\"staffId\":\"right-1\"}";

pub fn is_right(staff_id: Option<&str>) -> bool {
    staff_id == Some("right-1")
}

/// What a server does: on each connection it sends one answer per request, then closes.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub connections: Vec<Vec<Vec<u8>>>,
    /// Waits for a request more before it closes.
    pub lingers: bool,
}

impl Script {
    pub fn read(text: &[u8], lingers: bool) -> Script {
        Script {
            connections: text
                .split(|byte| *byte == NEXT_CONNECTION)
                .map(|answers| {
                    answers
                        .split(|byte| *byte == NEXT_ANSWER)
                        .map(<[u8]>::to_vec)
                        .collect()
                })
                .collect(),
            lingers,
        }
    }

    pub fn one_answer(answer: Vec<u8>) -> Script {
        Script {
            connections: vec![vec![answer]],
            lingers: false,
        }
    }
}

/// The server's side. A thread of it serves one connection after the other.
#[derive(Default)]
struct Stage {
    script: Script,
    /// Once set, every request is answered with these in turn, the last for ever.
    finale: Vec<Vec<u8>>,
    connections: usize,
    requests: Vec<Vec<u8>>,
}

static STAGE: LazyLock<Mutex<Stage>> = LazyLock::new(Mutex::default);

fn stage() -> MutexGuard<'static, Stage> {
    STAGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the connections of this thread lead to a server that follows the script.
pub fn play(script: Script) {
    static WORK: LazyLock<Mutex<Sender<UnixStream>>> = LazyLock::new(|| {
        let (sender, receiver) = channel();
        std::thread::spawn(move || serve(receiver));
        Mutex::new(sender)
    });
    *stage() = Stage {
        script,
        ..Stage::default()
    };
    let work = WORK.lock().unwrap_or_else(PoisonError::into_inner).clone();
    diyalog::fuzzing::connect_to(move || {
        let (client, server) = UnixStream::pair()?;
        work.send(server).expect("the server thread lives");
        Ok(client)
    });
}

/// From now on the first request of a connection gets the first of these answers and so on; the
/// last serves for all that follow.
pub fn end_with(answers: Vec<Vec<u8>>) {
    stage().finale = answers;
}

/// The requests so far, as sent.
pub fn requests() -> Vec<Vec<u8>> {
    stage().requests.clone()
}

fn serve(connections: Receiver<UnixStream>) {
    for mut connection in connections {
        let script = {
            let mut stage = stage();
            stage.connections += 1;
            let index = stage.connections - 1;
            stage
                .script
                .connections
                .get(index)
                .cloned()
                .unwrap_or_default()
        };
        let mut scripted = script.into_iter();
        let mut served = 0;
        // A client sends each of its requests at once, so one read takes it in.
        let mut request = vec![0; 64 * 1024];
        while let Ok(size @ 1..) = connection.read(&mut request) {
            stage().requests.push(request[..size].to_vec());
            let finale = stage().finale.clone();
            let answer = finale.get(served).or(finale.last()).cloned();
            let Some(answer) = answer.or_else(|| scripted.next()) else {
                break;
            };
            served += 1;
            if connection.write_all(&answer).is_err() {
                break;
            }
            if finale.is_empty() {
                if scripted.len() == 0 && !stage().script.lingers {
                    break;
                }
                let _ = connection.set_read_timeout(Some(PATIENCE));
            }
        }
    }
}

/// Whether an input holds what no message may: libFuzzer learns it from the checks, and what a caller
/// or a server says is quoted.
pub fn knows_the_secrets(input: &[u8]) -> bool {
    let has = |text: &str| {
        input
            .windows(text.len())
            .any(|bytes| bytes == text.as_bytes())
    };
    has(SECRET) || has(PASSWORD) || has("DLGA ")
}

/// What holds for every error, wherever it comes from.
pub fn check_error(error: &Error) {
    let message = error.message();
    assert_ne!(error.code(), ErrorCode::Internal, "{message}");
    check_message(message);
    if let Some(status) = error.http_status() {
        assert!((100..1000).contains(&status), "{status}");
    }
}

/// What holds for every message: short, one line, no secret.
pub fn check_message(message: &str) {
    assert!(!message.is_empty());
    assert!(
        message.len() <= 512 + 400,
        "{} bytes: {message}",
        message.len()
    );
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!(
        !message.contains(SECRET) && !message.contains(PASSWORD),
        "{message}"
    );
    assert!(!message.contains("DLGA "), "{message}");
}
