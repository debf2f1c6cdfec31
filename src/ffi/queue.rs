//! Section "Queue" of the header.

use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::Arc;
use std::time::Duration;

use super::arguments::{is_null, reference, text};
use super::boundary::{fallible, infallible};
use super::client::{diyalog_call_options, diyalog_client, with_options};
use super::completion::diyalog_completion;
use super::error::diyalog_error;
use super::log::UserData;
use super::{descriptor, returns_completion, returns_int32, returns_nothing, returns_size};
use crate::error::Error;
use crate::os::WakeFd;
use crate::queue::Queue;

/// Makes diyalog_queue_next wait as long as something is pending.
pub const DIYALOG_WAIT_FOREVER: u32 = u32::MAX;

/// Many calls in flight on one client. Create with diyalog_queue_new, free with diyalog_queue_free.
///
/// Its worker threads start on demand, at most max_in_flight, named diyalog-worker. They have
/// asynchronous signals blocked. Log lines of queued calls come on them.
///
/// Thread-safe. In a forked child an inherited queue has nothing pending and cannot be submitted to:
/// create a queue there.
pub struct diyalog_queue {
    queue: Queue,
}

/// Announces completions; see diyalog_queue_set_wake_callback.
pub type diyalog_wake_callback = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// Creates a queue with at most max_in_flight calls at the same time, 1 to 1024. Starts no thread
/// yet.
///
/// On success *queue receives a queue owned by the caller. The client must outlive it.
///
/// Fails with DIYALOG_ERROR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_new(
    client: *const diyalog_client,
    max_in_flight: u32,
    queue: *mut *mut diyalog_queue,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let client = Arc::clone(&reference(client, "client")?.client);
            if queue.is_null() {
                return Err(is_null("queue"));
            }
            let created = Queue::new(client, max_in_flight)?;
            queue.write(Box::into_raw(Box::new(diyalog_queue { queue: created })));
            Ok(())
        })
    }
}

/// Sets the function that is called when the queue goes from having no completion to having one:
/// after a wake, call diyalog_queue_next(queue, 0) until it returns NULL. A NULL callback removes it.
/// Set it before the first submit.
///
/// It runs on a worker thread with no lock held, and never after diyalog_queue_free has returned. It
/// should only wake another thread (PostMessage, an eventfd, a condition variable). It must not call
/// this library, not throw, and not take a lock that is held around diyalog_queue_free. user_data is
/// passed on as it is and must live until diyalog_queue_free has returned.
///
/// Fails with DIYALOG_ERROR_INVALID_ARGUMENT, also after the first submit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_set_wake_callback(
    queue: *mut diyalog_queue,
    callback: diyalog_wake_callback,
    user_data: *mut c_void,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    let user_data = UserData(user_data);
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let queue = &reference(queue, "queue")?.queue;
            match callback {
                Some(callback) => queue.set_wake_callback(move || callback(user_data.get())),
                None => queue.remove_wake_callback(),
            }
        })
    }
}

/// Sets the descriptor that is written to when the queue goes from having no completion to having
/// one, for event loops: the 8 bytes of the integer 1, so that an eventfd works as well as a pipe or
/// a socket. On Windows it is a SOCKET. After a wake, read it empty, then call
/// diyalog_queue_next(queue, 0) until it returns NULL. -1 removes it. Set it before the first submit.
///
/// Make it non-blocking first: if it is full, its reader wakes anyway. Close it after
/// diyalog_queue_free has returned; it stays owned by the caller.
///
/// Fails with DIYALOG_ERROR_INVALID_ARGUMENT, also after the first submit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_set_wake_fd(
    queue: *mut diyalog_queue,
    fd: descriptor,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let queue = &reference(queue, "queue")?.queue;
            let is_possible = cfg!(windows) || (-1..=i32::MAX as isize).contains(&fd);
            if !is_possible {
                let fault = format!("is {fd} (not a descriptor); use -1 to remove it");
                return Err(Error::invalid_argument("fd", fault));
            }
            queue.set_wake_fd(Some(WakeFd(fd)).filter(|_| fd != -1))
        })
    }
}

/// Queues a lookup, see diyalog_client_is_customer_in_online_help, and returns at once.
///
/// tag is returned with the completion; the library does not use it. The arguments are copied, and
/// the queue keeps its own reference to the cancellation. The timeout of the call starts when a
/// worker begins it: time spent waiting in the queue does not count. With a cancellation that is
/// already cancelled the call completes with DIYALOG_ERROR_CANCELLED.
///
/// Fails with DIYALOG_ERROR_INVALID_ARGUMENT, also for options with an interrupt callback, since a
/// queue has no calling thread; and with DIYALOG_ERROR_INTERNAL if not a single worker thread can be
/// started. Nothing is queued then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_submit(
    queue: *mut diyalog_queue,
    customer_id: *const c_char,
    options: *const diyalog_call_options,
    tag: *mut c_void,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let queue = &reference(queue, "queue")?.queue;
            let customer_id = text(customer_id, "customer_id")?;
            with_options(options, |options| {
                queue.submit(customer_id, options, tag.expose_provenance())
            })
        })
    }
}

/// Queues a post, see diyalog_client_post, and returns at once. Everything else is as for
/// diyalog_queue_submit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_submit_post(
    queue: *mut diyalog_queue,
    path: *const c_char,
    json: *const c_char,
    options: *const diyalog_call_options,
    tag: *mut c_void,
    error: *mut *mut diyalog_error,
) -> returns_int32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        fallible(error, || {
            let queue = &reference(queue, "queue")?.queue;
            let (path, json) = (text(path, "path")?, text(json, "json")?);
            with_options(options, |options| {
                queue.submit_post(path, json, options, tag.expose_provenance())
            })
        })
    }
}

/// Returns the next completion, in the order in which the calls finish. It is owned by the caller:
/// free it with diyalog_completion_free. It may outlive the queue.
///
/// A timeout in milliseconds is waited for in full, even if nothing is pending: another thread may
/// submit something meanwhile. 0 polls. DIYALOG_WAIT_FOREVER waits as long as something is pending;
/// NULL then means that nothing is. Signals do not end the wait. Returns NULL if queue is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_next(
    queue: *mut diyalog_queue,
    timeout_ms: u32,
) -> returns_completion {
    infallible(null_mut(), || {
        let timeout = match timeout_ms {
            DIYALOG_WAIT_FOREVER => None,
            _ => Some(Duration::from_millis(timeout_ms.into())),
        };
        // SAFETY: by the header's rules it is NULL or a queue.
        let handle = unsafe { queue.as_ref() };
        handle
            .and_then(|handle| handle.queue.next(timeout))
            .map_or(null_mut(), diyalog_completion::into_raw)
    })
}

/// Returns the number of calls submitted and not yet returned by diyalog_queue_next; 0 if queue is
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_pending(queue: *const diyalog_queue) -> returns_size {
    infallible(0, || {
        // SAFETY: by the header's rules it is NULL or a queue.
        unsafe { queue.as_ref() }.map_or(0, |handle| handle.queue.pending())
    })
}

/// Cancels everything that was submitted before. It completes with DIYALOG_ERROR_CANCELLED within
/// 100 ms, unsent if no worker had begun it. Completions that are already there keep their result.
/// The queue stays usable. Does nothing if queue is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_cancel(queue: *mut diyalog_queue) -> returns_nothing {
    infallible((), || {
        // SAFETY: by the header's rules it is NULL or a queue.
        if let Some(handle) = unsafe { queue.as_ref() } {
            handle.queue.cancel();
        }
    })
}

/// Cancels everything pending, joins the worker threads within 100 ms, drops what was not returned
/// and frees the queue. Does nothing if queue is NULL.
///
/// Tags that own memory are lost with it: call diyalog_queue_cancel and drain the queue first to get
/// every tag back. Call exactly once, while no other thread uses the queue.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn diyalog_queue_free(queue: *mut diyalog_queue) -> returns_nothing {
    infallible((), || {
        if !queue.is_null() {
            // SAFETY: came from diyalog_queue_new, and is not used again.
            drop(unsafe { Box::from_raw(queue) });
        }
    })
}
