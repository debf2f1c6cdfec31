//! Accepts connections and serves each until one side closes it.

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::answer::{Answer, HttpAnswer};
use crate::call::{self, NoAnswer};
use crate::control;
use crate::options::Event;
use crate::page;
use crate::record::Connection;
use crate::state::State;

/// Large enough for a canned response that is too large for a client.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Serves while it is polled.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = Connection::accepted(&state.connections);
                tokio::spawn(serve_stream(
                    stream,
                    tls.clone(),
                    connection,
                    Arc::clone(&state),
                ));
            }
            // Most likely out of file descriptors, until clients close theirs.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve_stream(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    connection: Arc<Connection>,
    state: Arc<State>,
) {
    // Fails only for a stream that was just closed.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve_http(stream, connection, state).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => serve_http(stream, connection, state).await,
            Err(problem) => state.tell(&Event::HandshakeFailed {
                connection: connection.number,
                reason: &problem.to_string(),
            }),
        },
    }
}

async fn serve_http<S>(stream: S, connection: Arc<Connection>, state: Arc<State>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let answers = service_fn(|request| answer(&state, &connection, request));
    let exchange = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), answers);
    tokio::select! {
        // Any error, a misbehaving client's included, ends this connection only.
        _ = exchange => {}
        () = call::closing(&connection) => {}
    }
}

async fn answer(
    state: &Arc<State>,
    connection: &Connection,
    request: Request<Incoming>,
) -> Result<HttpAnswer, NoAnswer> {
    let (request, body) = request.into_parts();
    let control_call = control::call_in(state, request.uri.path());
    if let Err(reason) = state.origins.check(&request, control_call.is_some()) {
        connection.carries_control_call();
        return Ok(rejected(state, &request, reason));
    }
    if let Some(answer) = page::way_here(state, &request) {
        connection.carries_control_call();
        return Ok(answer);
    }
    match control_call {
        Some(_) => connection.carries_control_call(),
        None => connection.carries_lookup(),
    }

    let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(problem) if problem.is::<LengthLimitError>() => return Ok(too_large(state)),
        Err(_) => return Err(NoAnswer),
    };
    match control_call {
        Some(control_call) => Ok(page::protect(
            page::respond(state, &request, control_call, &body)
                .unwrap_or_else(|| control::respond(state, &request, control_call, &body)),
        )),
        None => call::respond(state, connection, &request, &body).await,
    }
}

/// Rejects a foreign web page, and logs why.
fn rejected(state: &State, request: &Parts, reason: &'static str) -> HttpAnswer {
    let status = StatusCode::FORBIDDEN;
    state.tell(&Event::Control {
        method: request.method.as_str(),
        path: request.uri.path(),
        status: status.as_u16(),
        outcome: reason,
    });
    Answer::text(status, reason).into_http(&state.clock)
}

fn too_large(state: &State) -> HttpAnswer {
    let text = "The body of a request is at most 4 MiB";
    Answer::text(StatusCode::PAYLOAD_TOO_LARGE, text).into_http(&state.clock)
}
