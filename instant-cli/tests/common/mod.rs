//! A running `instant dev` on a free port, which is killed when dropped.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

pub(crate) struct Dev {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) app_id: String,
    pub(crate) admin_token: String,
}

impl Dev {
    /// Starts the server on a free port and reads its address and credentials.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_command(command(arguments))
    }

    /// Starts the server by a command and reads its address and credentials.
    pub(crate) fn start_command(command: Command) -> Self {
        Self::try_start(command).unwrap_or_else(|output| panic!("the server does not start: {output:?}"))
    }

    /// Starts the server by a command. Returns its output if it exits before it listens.
    pub(crate) fn try_start(mut command: Command) -> Result<Self, Output> {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(first) = lines.next() else { return Err(child.wait_with_output().unwrap()) };
        let after = |line: io::Result<String>, prefix: &str| {
            let line = line.unwrap();
            let rest = line.strip_prefix(prefix).unwrap_or_else(|| panic!("{line:?} has no {prefix:?}"));
            rest.trim().to_owned()
        };
        let address = after(first, "Instant is listening on http://");
        let app_id = after(lines.next().unwrap(), "app id:");
        let admin_token = after(lines.next().unwrap(), "admin token:");
        Ok(Self { child, address, app_id, admin_token })
    }

    /// Sends a request. Returns the status and the body of the response, or an error if the server
    /// stops before it responds.
    pub(crate) fn try_request(&self, method: &str, path: &str, body: &str) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address)?;
        let Self { address, app_id, admin_token, .. } = self;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nApp-Id: {app_id}\r\n\
             Authorization: Bearer {admin_token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let status = |head: &str| head.split(' ').nth(1)?.parse().ok();
        let parts =
            response.split_once("\r\n\r\n").and_then(|(head, body)| Some((status(head)?, body.to_owned())));
        parts.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Sends a request to a server that must respond.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.try_request(method, path, body).unwrap()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // The server may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instant"));
    command.arg("dev").args(arguments);
    command
}
