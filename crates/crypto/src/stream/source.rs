//! Bytes that can be read at any offset, by several threads at once.

use std::fs::File;
use std::io;
use std::sync::Arc;

/// A thing with bytes at offsets. Reading has no position, so readers don't disturb each other.
pub trait ReadAt: Send + Sync {
    /// Reads some bytes from `offset` on; 0 means the end, or an empty `buf`.
    ///
    /// # Errors
    /// As the operating system says.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Fills `buf` from `offset` on.
    ///
    /// # Errors
    /// As [`Self::read_at`]; [`io::ErrorKind::UnexpectedEof`] where it ends before.
    fn read_exact_at(&self, mut offset: u64, mut buf: &mut [u8]) -> io::Result<()> {
        while !buf.is_empty() {
            match self.read_at(offset, buf) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    offset += read as u64;
                    buf = buf.get_mut(read..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fills `first`, then `second`, from neighbouring bytes: a chunk goes where it is wanted and
    /// its tag elsewhere.
    ///
    /// # Errors
    /// As [`Self::read_exact_at`].
    fn read_two_at(&self, offset: u64, first: &mut [u8], second: &mut [u8]) -> io::Result<()> {
        self.read_exact_at(offset, first)?;
        self.read_exact_at(offset + first.len() as u64, second)
    }
}

impl ReadAt for File {
    #[cfg(unix)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buf, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buf, offset)
    }

    /// One system call for both.
    #[cfg(target_os = "linux")]
    fn read_two_at(&self, offset: u64, first: &mut [u8], second: &mut [u8]) -> io::Result<()> {
        let wanted = first.len() + second.len();
        let mut parts = [io::IoSliceMut::new(first), io::IoSliceMut::new(second)];
        if rustix::io::preadv(self, &mut parts, offset) == Ok(wanted) {
            return Ok(());
        }
        // Cut short, interrupted or failed: the plain way settles which.
        self.read_exact_at(offset, first)?;
        self.read_exact_at(offset + first.len() as u64, second)
    }
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buf)
    }
}

/// What points at a source is one.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<T: ReadAt + ?Sized> ReadAt for $pointer {
            fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
                (**self).read_at(offset, buf)
            }

            fn read_exact_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
                (**self).read_exact_at(offset, buf)
            }

            fn read_two_at(&self, offset: u64, first: &mut [u8], second: &mut [u8]) -> io::Result<()> {
                (**self).read_two_at(offset, first, second)
            }
        }
    )+};
}

forward!(&T, Box<T>, Arc<T>);
