//! Two runs that talk to each other: a program and the interactor that judges it, each in a slot of its own.
//!
//! The worker carries the bytes between them, so that neither is ever stopped by a full pipe or by the other's end, and what
//! comes of it depends on what they say and not on who was faster. Two rules make it so. A program's output is read whether
//! the interactor reads it or not, up to its limit. And the interactor is told of the end of the program only when it has read
//! everything and waits for more: one that ends before has made up its mind by what the program said.

use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::poll::PollFlags;
use nix::sys::stat::Mode;

use super::slot::Running;
use super::watch::{Source, wait};
use super::{Command, Limits, Slot};
use crate::error::{At as _, Error, Step};
use crate::outcome::{Captured, End, Outcome, Stopped};
use crate::workspace::Workspace;

/// How often an interactor is looked at that has still to be told of the end.
const NAP: Duration = Duration::from_millis(1);

/// For so many of them it must have slept in a row. One that only pauses has not decided.
const NAPS: u32 = 20;

/// What it takes until a process is running that something has come for, twice for each time that somebody else speaks: the
/// worker and the other side. A program does not idle meanwhile.
const WAKING: Duration = Duration::from_micros(100);

/// One side of an interaction.
#[derive(Debug)]
pub struct Party<'a> {
    pub slot: &'a mut Slot,
    pub command: &'a Command,
    pub limits: &'a Limits,
    pub work: &'a Workspace,
}

/// What happened in an interaction.
#[derive(Clone, Debug)]
pub struct Interaction {
    /// If [`Stopped::Interactor`] stopped it, nothing it did counts.
    pub program: Outcome,
    pub interactor: Outcome,
    /// Whether the interactor ended before it was told that the program's output had ended.
    pub decided_first: bool,
    /// What they said, in lines that begin with `>` for the program and `<` for the interactor.
    pub transcript: Captured,
}

/// Runs both until both are over. The program's wall clock stands still while the interactor computes. An interactor that decides
/// first, with an exit code that does not let it go on, ends the program, too.
///
/// # Errors
/// The sandbox failed; nothing is known about either.
pub fn interact(
    program: &mut Party<'_>,
    interactor: &mut Party<'_>,
    lets_go_on: &dyn Fn(i32) -> bool,
    transcript_bytes: usize,
) -> Result<Interaction, Error> {
    let (program_stdin, to_program) = Channel::new()?;
    let (interactor_stdin, to_interactor) = Channel::new()?;
    let mut talk = Talk {
        interactor: interactor.slot.spawn(interactor.command, interactor.limits, interactor.work, interactor_stdin)?,
        // If this fails, the interactor, which has begun, is dropped and its slot replaced.
        program: program.slot.spawn(program.command, program.limits, program.work, program_stdin)?,
        to_program,
        to_interactor,
        turns: Vec::new(),
        most_turns: transcript_bytes,
        heard: [0; 2],
        speaker: None,
        asleep: 0,
        decided_first: false,
        exchanges: 0,
        carrying: Carrying::begin(),
        wall: program.limits.wall,
        failed: None,
    };
    let talked = talk.until_both_are_over(lets_go_on);
    let (decided_first, turns) = (talk.decided_first, std::mem::take(&mut talk.turns));
    let (program, interactor) = (talk.program.finish(Ok(())), talk.interactor.finish(Ok(())));
    talked?;
    let interactor = interactor.map_err(of_the_interactor)?;
    let program = program?;
    let transcript = transcript(&turns, &program.stdout.bytes, &interactor.stdout.bytes, transcript_bytes);
    Ok(Interaction { program, interactor, decided_first, transcript })
}

/// An interactor that cannot be executed says nothing about the program.
fn of_the_interactor(error: Error) -> Error {
    if error.is_of_the_command() { Error { step: Step::ExecInteractor, ..error } } else { error }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Program,
    Interactor,
}

struct Talk<'a> {
    program: Running<'a>,
    interactor: Running<'a>,
    to_program: Channel,
    to_interactor: Channel,
    /// Who had said how many bytes, in order.
    turns: Vec<(Side, usize)>,
    /// More are not shown: each has at least a byte.
    most_turns: usize,
    /// How much each has said, and who spoke last.
    heard: [usize; 2],
    speaker: Option<Side>,
    /// How often in a row the interactor slept with nothing left to read.
    asleep: u32,
    decided_first: bool,
    /// How often somebody else spoke than the last time.
    exchanges: u32,
    carrying: Carrying,
    /// The program's wall limit. So long an interactor may go on reading what a program said that has failed.
    wall: Duration,
    /// When it failed, and how long the interactor had waited for a CPU by then.
    failed: Option<(Instant, Duration)>,
}

impl Talk<'_> {
    fn until_both_are_over(&mut self, lets_go_on: &dyn Fn(i32) -> bool) -> Result<(), Error> {
        loop {
            let mut until = Instant::now() + Duration::from_secs(1);
            if !self.program.is_over() {
                self.program.watch.allowance =
                    self.interactor.watch.busy() + self.carrying.since_begun() + WAKING * self.exchanges;
                if let Some(at) = self.program.watch.look()? {
                    until = until.min(at);
                } else {
                    self.program.stop(Ok(()))?;
                    if self.program.watch.stopped.is_some() || self.program.watch.end() != Some(End::Code(0)) {
                        self.failed = Some((Instant::now(), self.interactor.watch.waited()));
                    }
                }
            }
            if !self.interactor.is_over() {
                match self.interactor.watch.look()? {
                    Some(at) => until = until.min(at),
                    None => self.interactor_is_over(lets_go_on)?,
                }
            }
            self.note();
            self.to_interactor.carry(&self.program.watch.stdout.kept)?;
            self.to_program.carry(&self.interactor.watch.stdout.kept)?;
            let (program_dead, interactor_dead) = (self.program.is_over(), self.interactor.is_over());
            if program_dead && interactor_dead {
                return Ok(());
            }
            let said_all = interactor_dead || !self.interactor.watch.stdout.open;
            if said_all && self.to_program.is_empty(&self.interactor.watch.stdout.kept) {
                self.to_program.close();
            }
            let said_all = program_dead || !self.program.watch.stdout.open;
            if said_all && !interactor_dead && self.to_interactor.is_open() {
                self.tell_the_end()?;
                until = until.min(Instant::now() + NAP);
            }
            if let Some((since, waited)) = self.failed.filter(|_| !interactor_dead) {
                let patience = since + self.wall + self.interactor.watch.waited().saturating_sub(waited);
                if Instant::now() >= patience {
                    self.interactor.watch.stopped = Some(Stopped::Wall);
                    self.interactor.stop(Ok(()))?;
                }
                until = until.min(patience);
            }
            self.wait(until)?;
        }
    }

    /// One that has made up its mind against the program by what it said ends it, too. If it had seen the end of that, the
    /// program may still come to an end of its own.
    fn interactor_is_over(&mut self, lets_go_on: &dyn Fn(i32) -> bool) -> Result<(), Error> {
        self.interactor.stop(Ok(()))?;
        self.decided_first = self.to_interactor.is_open();
        self.to_interactor.close();
        let goes_on = self.interactor.watch.stopped.is_none()
            && matches!(self.interactor.watch.end(), Some(End::Code(code)) if lets_go_on(code));
        if self.decided_first && !goes_on && !self.program.is_over() {
            self.program.watch.stopped = Some(Stopped::Interactor);
            self.program.stop(Ok(()))?;
        }
        Ok(())
    }

    /// Closes the interactor's input. If the program has failed, or may still fail, who decided first matters: then only once the
    /// interactor has read everything and has slept for a while.
    fn tell_the_end(&mut self) -> Result<(), Error> {
        let went_well = self.program.is_over() && self.failed.is_none();
        if went_well && self.to_interactor.is_empty(&self.program.watch.stdout.kept) {
            self.to_interactor.close();
            return Ok(());
        }
        let waits = self.to_interactor.is_empty(&self.program.watch.stdout.kept)
            && self.to_interactor.is_read()?
            && self.interactor.watch.is_asleep()?;
        self.asleep = if waits { self.asleep + 1 } else { 0 };
        if self.asleep >= NAPS {
            self.to_interactor.close();
        }
        Ok(())
    }

    /// Writes down who spoke, as far as the transcript goes.
    fn note(&mut self) {
        for (side, said) in [
            (Side::Program, self.program.watch.stdout.kept.len()),
            (Side::Interactor, self.interactor.watch.stdout.kept.len()),
        ] {
            let heard = &mut self.heard[side as usize];
            if said <= *heard {
                continue;
            }
            *heard = said;
            let changes = self.speaker != Some(side);
            if changes {
                (self.speaker, self.exchanges) = (Some(side), self.exchanges.saturating_add(1));
            }
            let full = self.turns.len() >= self.most_turns;
            match self.turns.last_mut() {
                Some((last, upto)) if *last == side && !changes => *upto = said,
                _ if full => {}
                _ => self.turns.push((side, said)),
            }
        }
    }

    fn wait(&mut self, until: Instant) -> Result<(), Error> {
        let mut news: [Vec<Source>; 2] = [Vec::new(), Vec::new()];
        {
            let mut polled: Vec<(BorrowedFd<'_>, PollFlags)> = Vec::new();
            let mut whose = Vec::new();
            for (index, running) in [&self.program, &self.interactor].into_iter().enumerate() {
                if !running.is_over() {
                    for (source, fd) in running.watch.fds() {
                        polled.push((fd, PollFlags::POLLIN));
                        whose.push((index, source));
                    }
                }
            }
            for (channel, kept) in [
                (&self.to_program, &self.interactor.watch.stdout.kept),
                (&self.to_interactor, &self.program.watch.stdout.kept),
            ] {
                if let Some(writer) = channel.writer.as_ref().filter(|_| !channel.is_empty(kept)) {
                    polled.push((writer.as_fd(), PollFlags::POLLOUT));
                }
            }
            for ((index, source), ready) in whose.into_iter().zip(wait(&polled, until)?) {
                if ready {
                    news[index].push(source);
                }
            }
        }
        self.program.watch.read(&news[0])?;
        self.interactor.watch.read(&news[1])
    }
}

/// The time that the worker's own thread takes to carry the bytes: on a CPU, and waiting for one.
struct Carrying {
    begun: Duration,
    read: Instant,
    last: Duration,
}

impl Carrying {
    /// How often the counters are read at most.
    const OFTEN: Duration = Duration::from_millis(20);

    fn begin() -> Self {
        let begun = Self::now();
        Self { begun, read: Instant::now(), last: begun }
    }

    fn since_begun(&mut self) -> Duration {
        if self.read.elapsed() >= Self::OFTEN {
            (self.read, self.last) = (Instant::now(), Self::now());
        }
        self.last.saturating_sub(self.begun)
    }

    /// The first two fields of schedstat (proc(5)), in nanoseconds. Where the kernel does not have it, it takes no time.
    fn now() -> Duration {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        Duration::from_nanos(text.split_whitespace().take(2).filter_map(|field| field.parse::<u64>().ok()).sum())
    }
}

/// The way of bytes to one side's standard input.
struct Channel {
    /// Until the input is closed.
    writer: Option<std::fs::File>,
    /// The same pipe's other end, to see whether it is read empty. As long as it is open the pipe does not break.
    reader: OwnedFd,
    carried: usize,
}

impl Channel {
    /// A standard input, and the way to it.
    fn new() -> Result<(OwnedFd, Self), Error> {
        let (stdin, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC).at(Step::ConnectStdio)?;
        nix::fcntl::fcntl(&writer, nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).at(Step::ConnectStdio)?;
        // So that /dev/stdin may be opened, to read, by who is not its owner.
        nix::sys::stat::fchmod(&stdin, Mode::from_bits_truncate(0o444)).at(Step::ConnectStdio)?;
        let reader = stdin.try_clone().at(Step::ConnectStdio)?;
        Ok((stdin, Self { writer: Some(writer.into()), reader, carried: 0 }))
    }

    const fn is_open(&self) -> bool {
        self.writer.is_some()
    }

    fn close(&mut self) {
        self.writer = None;
    }

    /// Whether everything that was said has been put into the pipe.
    const fn is_empty(&self, said: &[u8]) -> bool {
        self.carried >= said.len()
    }

    /// Whether nothing is left in the pipe.
    fn is_read(&self) -> Result<bool, Error> {
        wait(&[(self.reader.as_fd(), PollFlags::POLLIN)], Instant::now()).map(|ready| ready == [false])
    }

    /// Puts as much into the pipe as it takes.
    fn carry(&mut self, said: &[u8]) -> Result<(), Error> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        while self.carried < said.len() {
            match writer.write(&said[self.carried..]) {
                Ok(written) => self.carried += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::new(Step::ConnectStdio, error)),
            }
        }
        Ok(())
    }
}

/// The beginning of what was said, in lines with a mark for who said it.
fn transcript(turns: &[(Side, usize)], program: &[u8], interactor: &[u8], limit: usize) -> Captured {
    let mut captured = Captured::default();
    let (mut program_at, mut interactor_at) = (0, 0);
    for (side, upto) in turns {
        let (mark, said, at) = match side {
            Side::Program => (b'>', program, &mut program_at),
            Side::Interactor => (b'<', interactor, &mut interactor_at),
        };
        let upto = (*upto).min(said.len());
        for line in said[*at..upto].split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            captured.total_bytes += line.len() as u64 + 2;
            let room = limit.saturating_sub(captured.bytes.len());
            captured.truncated |= room < line.len() + 2;
            captured.bytes.extend([mark].iter().chain(line).chain(b"\n").take(room));
        }
        *at = upto;
    }
    captured
}
