use firmnet_runtime::io::atomic;
use std::fs;
use std::io::Error;

#[test]
fn all_or_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let write = |text: &str| atomic::write(&path, |to| to.write_all(text.as_bytes()));
    let names = || fs::read_dir(&folder).unwrap().count();
    write("first").unwrap();
    write("second, and longer").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "second, and longer");

    let failed = atomic::write(&path, |to| {
        to.write_all(b"th")?;
        Err(Error::other("the disk is full"))
    });
    assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
    let panicked = std::panic::catch_unwind(|| {
        atomic::write(&path, |to| {
            to.write_all(b"th").unwrap();
            panic!("half way");
        })
    });
    assert!(panicked.is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "second, and longer");
    assert_eq!(names(), 1, "nothing else is left in the folder");
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let error = atomic::write(folder.path(), |_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "is there and is no file");
    let nowhere = folder.path().join("no/such/folder/a.txt");
    assert!(atomic::write(nowhere, |_| Ok(())).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("a.txt"), folder.path().join("link"));
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&path, &link).unwrap();
    atomic::write(&link, |to| to.write_all(b"new")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}
