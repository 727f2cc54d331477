//! Commands and their answers.

use std::io::{self, Read};
use std::sync::Arc;

use redis::{Cmd, Parser, Value, cmd};
use rustls::ClientConfig;

use super::address::{Address, Credentials};
use super::stream::{self, Deadline, Stream};
use crate::store::interface::MAX_VALUE_LEN;
use crate::store::shared::StoreFault;

/// Bytes of all answers to what is asked at once: some values, and as much again for what else they have.
const MAX_ANSWERS_LEN: usize = 8 * MAX_VALUE_LEN;

/// The code of an answer about a value that is no text, and so no record.
const OTHER_TYPE: &str = "WRONGTYPE";

/// A command, and its name for messages.
pub(super) struct Command {
    pub(super) name: &'static str,
    pub(super) cmd: Cmd,
}

impl Command {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, cmd: cmd(name) }
    }

    pub(super) fn arg(mut self, arg: impl redis::ToRedisArgs) -> Self {
        self.cmd.arg(arg);
        self
    }
}

/// A connection on which the login is done.
pub(super) struct Connection<'c> {
    stream: Box<dyn Stream + 'c>,
    parser: Parser,
}

impl<'c> Connection<'c> {
    pub(super) fn open(
        address: &Address,
        credentials: &Credentials,
        tls: Option<&Arc<ClientConfig>>,
        deadline: &Deadline<'c>,
    ) -> Result<Self, StoreFault> {
        let stream = stream::connect(address, tls, deadline)?;
        let mut connection = Self { stream, parser: Parser::new() };
        let mut commands = Vec::new();
        if let Some(password) = &credentials.password {
            let login = Command::new("AUTH").arg(credentials.username.as_deref());
            commands.push(login.arg(password.expose()));
        }
        if address.database() != 0 {
            commands.push(Command::new("SELECT").arg(address.database()));
        }
        if !commands.is_empty() {
            connection.ask(&commands)?;
        }
        Ok(connection)
    }

    /// Sends the commands at once, and reads the answer to each. None of them is a refusal.
    pub(super) fn ask(&mut self, commands: &[Command]) -> Result<Vec<Value>, StoreFault> {
        let packed: Vec<u8> = commands.iter().flat_map(|command| command.cmd.get_packed_command()).collect();
        self.stream.write_all(&packed).and_then(|()| self.stream.flush()).map_err(|e| stream::fault(&e))?;
        let mut limited = Limited { stream: &mut *self.stream, left: MAX_ANSWERS_LEN, failed: None };
        let mut answers = Vec::with_capacity(commands.len());
        let mut refusal = None;
        for command in commands {
            let Ok(answer) = self.parser.parse_value(&mut limited) else {
                // What a server says before it closes the connection says more than the closing.
                return Err(refusal.or(limited.failed).unwrap_or(StoreFault::Foreign));
            };
            if let Value::ServerError(error) = &answer
                && error.code() != OTHER_TYPE
            {
                let fault =
                    StoreFault::refused(command.name, error.code(), error.details().unwrap_or_default());
                // Of a transaction that can't be made, the first refusal says why.
                refusal = refusal.or(Some(fault));
            }
            answers.push(answer);
        }
        refusal.map_or(Ok(answers), Err)
    }
}

/// Reads so many bytes, and remembers why it could read no more.
struct Limited<'s> {
    stream: &'s mut dyn Stream,
    left: usize,
    failed: Option<StoreFault>,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.left);
        if length == 0 {
            self.failed = Some(StoreFault::Foreign);
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = loop {
            // The parser would give up.
            match self.stream.read(&mut buffer[..length]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        match read {
            Ok(0) => {
                self.failed = Some(StoreFault::Closed);
                Ok(0)
            }
            Ok(read) => {
                self.left -= read;
                Ok(read)
            }
            Err(error) => {
                self.failed = Some(stream::fault(&error));
                Err(error)
            }
        }
    }
}
