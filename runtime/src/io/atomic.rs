//! Writing a file whole or not at all.

use core::mem;
use std::format;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Writes `path` as `fill` does, whole or not at all: whatever fails, and whenever the power goes, the name stands for
/// the old content or for the new one, never for a part.
///
/// The bytes go to a new file in the same folder, which is brought to the disk and then takes the name and the
/// permissions of the old one. Of a link, what it points to is replaced.
///
/// # Errors
/// Those of `fill` and of the file system, and that `path` is there and no file. Then it is as it was, and the new file is gone.
pub fn write(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let (path, permissions) = match fs::canonicalize(&path) {
        Ok(path) => {
            let old = fs::metadata(&path)?;
            if !old.is_file() {
                return Err(io::Error::new(ErrorKind::InvalidInput, "is there and is no file"));
            }
            (path, Some(old.permissions()))
        }
        Err(_) => (path.as_ref().into(), None),
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (file, part) = create(folder)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    fill(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()?;
    drop(file);
    fs::rename(&part.0, &path)?;
    mem::forget(part);
    // The new name is brought to the disk as well. Not every system can; the content is safe without it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A new file in `folder` under a name that nobody has.
fn create(folder: &Path) -> io::Result<(File, Part)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".firmnet-{}-{count}.part", process::id()));
        match File::create_new(&path) {
            Ok(file) => return Ok((file, Part(path))),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
}

/// An unfinished file, which goes when writing fails or panics.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
