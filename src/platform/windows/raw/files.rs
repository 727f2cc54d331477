//! Files: entries by their names in an open directory, and what the
//! system says of an open file.
//!
//! Win32 knows no names in an open directory; the functions of `ntdll.dll` below do, on which it is built. The standard
//! library removes directories by them.

use std::ffi::{OsStr, c_void};
use std::fs::File;
use std::io;
use std::mem::offset_of;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::Path;
use std::ptr::{null, null_mut};

use windows_sys::Wdk::Foundation::OBJECT_ATTRIBUTES;
use windows_sys::Wdk::Storage::FileSystem::{
    FILE_INFORMATION_CLASS, FILE_OPEN_REPARSE_POINT, FILE_RENAME_INFORMATION, FILE_RENAME_POSIX_SEMANTICS,
    FILE_RENAME_REPLACE_IF_EXISTS, FILE_SYNCHRONOUS_IO_NONALERT, FileRenameInformation,
    FileRenameInformationEx, NtCreateFile, NtSetInformationFile,
};
use windows_sys::Win32::Foundation::{
    ERROR_DELETE_PENDING, ERROR_DIRECTORY_NOT_SUPPORTED, NTSTATUS, OBJ_CASE_INSENSITIVE,
    RtlNtStatusToDosError, STATUS_DELETE_PENDING, STATUS_FILE_IS_A_DIRECTORY, STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER, STATUS_NOT_IMPLEMENTED, STATUS_NOT_SUPPORTED, UNICODE_STRING,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetKernelObjectSecurity, GetLengthSid, GetTokenInformation,
    OWNER_SECURITY_INFORMATION, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_NORMAL, FILE_DISPOSITION_FLAG_DELETE, FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE,
    FILE_DISPOSITION_FLAG_POSIX_SEMANTICS, FILE_DISPOSITION_INFO, FILE_DISPOSITION_INFO_EX,
    FILE_INFO_BY_HANDLE_CLASS, FILE_REMOTE_PROTOCOL_INFO, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, FileDispositionInfo, FileDispositionInfoEx, FileRemoteProtocolInfo,
    GetDiskFreeSpaceExW, GetFileInformationByHandleEx, GetVolumeInformationByHandleW, SYNCHRONIZE,
    SetFileInformationByHandle,
};
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// What other programs may do with a file that is open here: everything, as on Unix.
const SHARE_ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
/// Room for the name of a file system.
const MAX_FILE_SYSTEM_NAME: usize = 32;

/// How an entry of a directory is opened.
#[derive(Clone, Copy)]
pub(in crate::platform::windows) struct Opening<'s> {
    /// The rights that the file is opened with.
    pub(in crate::platform::windows) access: u32,
    /// Whether it must exist, as `NtCreateFile` has it.
    pub(in crate::platform::windows) disposition: u32,
    /// What it must be, as `NtCreateFile` has it.
    pub(in crate::platform::windows) options: u32,
    /// The security descriptor of a file that is created, in words: it has to be aligned.
    pub(in crate::platform::windows) descriptor: Option<&'s [u32]>,
}

/// Opens the entry `name` of `dir`: a link itself, never its target. No process that is started inherits it.
pub(in crate::platform::windows) fn open_at(
    dir: &File,
    name: &OsStr,
    opening: &Opening<'_>,
) -> io::Result<File> {
    let mut name = entry_name(name)?;
    let length = u16::try_from(size_of_val(&name[..])).map_err(|_| io::ErrorKind::InvalidFilename)?;
    let name = UNICODE_STRING { Length: length, MaximumLength: length, Buffer: name.as_mut_ptr() };
    let attributes = OBJECT_ATTRIBUTES {
        Length: size_of_as_u32::<OBJECT_ATTRIBUTES>(),
        RootDirectory: dir.as_raw_handle(),
        ObjectName: &raw const name,
        Attributes: OBJ_CASE_INSENSITIVE,
        SecurityDescriptor: opening.descriptor.map_or(null(), |words| words.as_ptr().cast()),
        SecurityQualityOfService: null(),
    };
    let mut handle = null_mut();
    let mut outcome = IO_STATUS_BLOCK::default();
    // SAFETY: the name, the attributes and the descriptor, a whole one, live until the call returns; it writes the two
    // results alone.
    let status = unsafe {
        NtCreateFile(
            &raw mut handle,
            opening.access | SYNCHRONIZE,
            &raw const attributes,
            &raw mut outcome,
            null(),
            FILE_ATTRIBUTE_NORMAL,
            SHARE_ALL,
            opening.disposition,
            opening.options | FILE_OPEN_REPARSE_POINT | FILE_SYNCHRONOUS_IO_NONALERT,
            null(),
            0,
        )
    };
    done(status)?;
    // SAFETY: the call succeeded, so the handle is open, and nobody else's.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Gives `file`, opened with the right to delete it, the name `name` in `dir`, atomically, in place of a file of that
/// name. By POSIX semantics others may have that one open, as long as they share it for deletion. Where the file system
/// has none, such as FAT or a share, nobody may.
pub(in crate::platform::windows) fn rename_at(file: &File, dir: &File, name: &OsStr) -> io::Result<()> {
    let name = entry_name(name)?;
    let flags = FILE_RENAME_REPLACE_IF_EXISTS | FILE_RENAME_POSIX_SEMANTICS;
    match set_name(file, dir, &name, flags, FileRenameInformationEx) {
        STATUS_INVALID_PARAMETER
        | STATUS_INVALID_INFO_CLASS
        | STATUS_NOT_IMPLEMENTED
        | STATUS_NOT_SUPPORTED => {
            // Its flag is a byte where the other class has four.
            done(set_name(file, dir, &name, FILE_RENAME_REPLACE_IF_EXISTS, FileRenameInformation))
        }
        status => done(status),
    }
}

#[expect(clippy::cast_ptr_alignment, reason = "the name follows in the structure, which is aligned for it")]
fn set_name(file: &File, dir: &File, name: &[u16], flags: u32, class: FILE_INFORMATION_CLASS) -> NTSTATUS {
    let length = size_of::<FILE_RENAME_INFORMATION>() + size_of_val(name);
    // In words of the structure's alignment, zeroed.
    let mut room = vec![0_u64; length.div_ceil(size_of::<u64>())];
    let information = room.as_mut_ptr().cast::<FILE_RENAME_INFORMATION>();
    let mut outcome = IO_STATUS_BLOCK::default();
    // SAFETY: the room is aligned, and as long as the structure and the name that ends it together; the file and the
    // directory are open.
    unsafe {
        (&raw mut (*information).Anonymous.Flags).write(flags);
        (&raw mut (*information).RootDirectory).write(dir.as_raw_handle());
        (&raw mut (*information).FileNameLength).write(u32::try_from(size_of_val(name)).unwrap_or(0));
        let start = information.cast::<u8>().add(offset_of!(FILE_RENAME_INFORMATION, FileName));
        start.cast::<u16>().copy_from_nonoverlapping(name.as_ptr(), name.len());
        let length = u32::try_from(length).unwrap_or(0);
        NtSetInformationFile(
            file.as_raw_handle(),
            &raw mut outcome,
            information.cast::<c_void>(),
            length,
            class,
        )
    }
}

/// Removes `file`, opened with the right to delete it; at once where the file system can, else when nobody has it open
/// any more.
pub(in crate::platform::windows) fn delete(file: &File) -> io::Result<()> {
    let flags = FILE_DISPOSITION_FLAG_DELETE
        | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS
        | FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE;
    if set_information(file, FileDispositionInfoEx, &FILE_DISPOSITION_INFO_EX { Flags: flags }).is_ok() {
        return Ok(());
    }
    set_information(file, FileDispositionInfo, &FILE_DISPOSITION_INFO { DeleteFile: true })
}

fn set_information<T>(file: &File, class: FILE_INFO_BY_HANDLE_CLASS, information: &T) -> io::Result<()> {
    let start = (&raw const *information).cast();
    // SAFETY: the information is of the length that we say, and is only read.
    succeeded(unsafe {
        SetFileInformationByHandle(file.as_raw_handle(), class, start, size_of_as_u32::<T>())
    })
}

/// The security descriptor of `file`, opened with the right to read it: owner and access list, self-relative.
pub(in crate::platform::windows) fn security_descriptor(file: &File) -> io::Result<Vec<u8>> {
    let parts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    let mut length = 0;
    let mut room: Vec<u32> = Vec::new();
    loop {
        let size = u32::try_from(size_of_val(&room[..])).unwrap_or(0);
        // SAFETY: the room is as long as we say.
        let result = succeeded(unsafe {
            let start = room.as_mut_ptr().cast();
            GetKernelObjectSecurity(file.as_raw_handle(), parts, start, size, &raw mut length)
        });
        match result {
            Ok(()) => return Ok(room.iter().flat_map(|word| word.to_le_bytes()).collect()),
            // It tells how much room it needs, which may change meanwhile.
            Err(_) if length > size => room.resize((length as usize).div_ceil(size_of::<u32>()), 0),
            Err(error) => return Err(error),
        }
    }
}

/// The security identifier of the user that this process runs as.
pub(in crate::platform::windows) fn caller_sid() -> io::Result<Vec<u8>> {
    let mut token = null_mut();
    // SAFETY: the first handle stands for this process; the call writes the other one alone.
    succeeded(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) })?;
    // SAFETY: the call succeeded, so the handle is open, and nobody else's.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // Room for the structure and the longest identifier, in words of its alignment.
    let mut room = [0_u64; 16];
    let mut length = 0;
    // SAFETY: the room is as long as we say.
    succeeded(unsafe {
        let size = u32::try_from(size_of_val(&room)).unwrap_or(0);
        GetTokenInformation(token.as_raw_handle(), TokenUser, room.as_mut_ptr().cast(), size, &raw mut length)
    })?;
    // SAFETY: the room begins with the structure, whose pointer is to an identifier behind it in the room.
    unsafe {
        let sid = (*room.as_ptr().cast::<TOKEN_USER>()).User.Sid;
        Ok(std::slice::from_raw_parts(sid.cast::<u8>(), GetLengthSid(sid) as usize).to_vec())
    }
}

/// The name of the file system that holds `file`, such as `NTFS`.
pub(in crate::platform::windows) fn file_system_name(file: &File) -> io::Result<String> {
    let mut name = [0_u16; MAX_FILE_SYSTEM_NAME];
    // SAFETY: the room for the name is as long as we say; nothing else is asked for.
    succeeded(unsafe {
        let length = u32::try_from(name.len()).unwrap_or(0);
        let handle = file.as_raw_handle();
        GetVolumeInformationByHandleW(
            handle,
            null_mut(),
            0,
            null_mut(),
            null_mut(),
            null_mut(),
            name.as_mut_ptr(),
            length,
        )
    })?;
    let length = name.iter().position(|unit| *unit == 0).unwrap_or(name.len());
    Ok(String::from_utf16_lossy(&name[..length]))
}

/// Whether `file` is on another machine: only then has the system something to say of the protocol.
pub(in crate::platform::windows) fn is_remote(file: &File) -> bool {
    let mut information = FILE_REMOTE_PROTOCOL_INFO::default();
    let start = (&raw mut information).cast();
    let size = size_of_as_u32::<FILE_REMOTE_PROTOCOL_INFO>();
    // SAFETY: the room is as long as we say.
    unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileRemoteProtocolInfo, start, size) != 0 }
}

/// Bytes that the caller may still write to the disk of the directory at `path`.
pub(in crate::platform::windows) fn free_space(path: &Path) -> io::Result<u64> {
    let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let mut free = 0;
    // SAFETY: the path ends with a zero; the call writes the one number.
    succeeded(unsafe { GetDiskFreeSpaceExW(path.as_ptr(), &raw mut free, null_mut(), null_mut()) })?;
    Ok(free)
}

/// The units of a name in a directory, which is no path, and names no stream of a file.
fn entry_name(name: &OsStr) -> io::Result<Vec<u16>> {
    let units: Vec<u16> = name.encode_wide().collect();
    if units.is_empty() || units.iter().any(|unit| [0, 0x2f, 0x3a, 0x5c].contains(unit)) {
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, "it is no name of a file"));
    }
    Ok(units)
}

fn size_of_as_u32<T>() -> u32 {
    u32::try_from(size_of::<T>()).expect("a small structure")
}

fn succeeded(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn done(status: NTSTATUS) -> io::Result<()> {
    if status >= 0 {
        return Ok(());
    }
    let code = match status {
        // Win32 has one error for these two and for a refusal.
        STATUS_DELETE_PENDING => ERROR_DELETE_PENDING,
        STATUS_FILE_IS_A_DIRECTORY => ERROR_DIRECTORY_NOT_SUPPORTED,
        // SAFETY: the call takes any number.
        _ => unsafe { RtlNtStatusToDosError(status) },
    };
    Err(io::Error::from_raw_os_error(code.cast_signed()))
}
