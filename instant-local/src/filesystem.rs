//! Files and directories that only their owner can read, and whose names are on the disk when they
//! are returned.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

/// Creates a directory and its missing parents, readable by the owner alone (mode 0700), and syncs
/// their names to the disk. Existing directories keep their permissions.
///
/// # Errors
///
/// Those of the operating system.
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing = Vec::from_iter(directory.ancestors().take_while(is_missing));
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)?;
    missing.into_iter().try_for_each(sync_parent)
}

/// Returns options that create a file readable by the owner alone (mode 0600). A file that exists
/// keeps its permissions.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Syncs the directory that contains `path`, so that a file created or renamed there keeps its name
/// after a crash of the machine. Does nothing where directories cannot be synced.
///
/// # Errors
///
/// Those of the operating system.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    match fs::File::open(parent.unwrap_or(Path::new("."))).and_then(|directory| directory.sync_all()) {
        // Some file systems cannot sync directories, and a directory can be writable but not
        // readable.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it exists").permissions().mode() & 0o777
    }

    #[test]
    fn created_files_and_directories_belong_to_the_owner_alone() {
        let root = tempfile::tempdir().expect("a directory for temporary files");
        let nested = root.path().join("a/b/c");
        create_directory(&nested).expect("the directories are created");
        create_directory(&nested).expect("existing directories are accepted");
        assert_eq!([mode(&root.path().join("a")), mode(&root.path().join("a/b")), mode(&nested)], [0o700; 3]);
        let file = nested.join("file");
        private_file().write(true).create_new(true).open(&file).expect("the file is created");
        assert_eq!(mode(&file), 0o600);
        sync_parent(&file).expect("the directory is synced");
        assert!(create_directory(&file).is_err());
        assert!(sync_parent(&root.path().join("missing/file")).is_err());
    }

    #[test]
    fn existing_files_and_directories_keep_their_permissions() {
        let root = tempfile::tempdir().expect("a directory for temporary files");
        let (directory, file) = (root.path().join("shared"), root.path().join("file"));
        fs::create_dir(&directory).expect("the directory is created");
        fs::write(&file, "").expect("the file is created");
        for path in [&directory, &file] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o750)).expect("the mode is set");
        }
        create_directory(&directory).expect("it exists");
        private_file().write(true).create(true).truncate(false).open(&file).expect("the file is opened");
        assert_eq!([mode(&directory), mode(&file)], [0o750; 2]);
    }
}
