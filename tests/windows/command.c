/* A command for the tests of `exec` on Windows: `command.exe WORD ARGUMENTS…`. tests/wine compiles it.

   exit CODE                 ends with that code, of 32 bits
   arguments ARGUMENTS…      prints each argument on a line, in UTF-8
   wide NAME                 prints the value of a variable in UTF-16, as Windows PowerShell does
   bytes HEX                 prints these bytes
   copy                      prints what it reads
   ask PROMPT                prints PROMPT, and then what it reads
   wait READY                creates the file READY and keeps it open for itself alone until there is a file READY.end;
                             Ctrl-C ends it with "cleaned up" and code 3
   tree READY                starts itself with `wait READY.child`, then does as `wait READY`
   leave READY               starts itself with `wait READY`, and ends when that is ready
   interrupt READY COMMAND…  starts COMMAND, waits for READY, sends Ctrl-C to the console, ends as COMMAND does
   uninterrupted COMMAND…    starts COMMAND with Ctrl-C ignored, ends as it does
   -fgsSL ARGUMENTS…         stands for curl: prints the names of its variables, ends with code 22
   terminate NAMES…          ends all processes of these programs, in this order, as Jenkins does: with code -1 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#include <tlhelp32.h>

static void print(const void *bytes, size_t length) {
    DWORD written;
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes, (DWORD)length, &written, NULL);
}

static void print_text(const wchar_t *text) {
    char utf8[32768];
    int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL);
    print(utf8, (size_t)length - 1);
}

static BOOL WINAPI ignore(DWORD event) {
    return event == CTRL_C_EVENT;
}

static BOOL WINAPI clean_up(DWORD event) {
    if (event != CTRL_C_EVENT) return FALSE;
    Sleep(200);
    print_text(L"cleaned up\r\n");
    ExitProcess(3);
}

/* What follows the first words of our command line, as it was written. */
static wchar_t *rest_of_command_line(int words) {
    wchar_t *at = GetCommandLineW();
    for (; words > 0; words--) {
        BOOL quoted = FALSE;
        for (; *at && (quoted || *at != L' '); at++)
            if (*at == L'"') quoted = !quoted;
        while (*at == L' ') at++;
    }
    return at;
}

static HANDLE start(wchar_t *command_line) {
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    if (!CreateProcessW(NULL, command_line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        fwprintf(stderr, L"cannot start %ls: %lu\n", command_line, GetLastError());
        ExitProcess(99);
    }
    return process.hProcess;
}

static int code_of(HANDLE process) {
    DWORD code = 98;
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    return (int)code;
}

static BOOL exists(const wchar_t *path) {
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void terminate(const wchar_t *name) {
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
        if (_wcsicmp(entry.szExeFile, name)) continue;
        HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, entry.th32ProcessID);
        TerminateProcess(process, (UINT)-1);
        CloseHandle(process);
    }
    CloseHandle(all);
}

int wmain(int argc, wchar_t **argv) {
    const wchar_t *word = argc > 1 ? argv[1] : L"";
    if (!wcscmp(word, L"exit")) return (int)wcstoul(argv[2], NULL, 10);
    if (!wcscmp(word, L"arguments")) {
        for (int i = 2; i < argc; i++) {
            print_text(argv[i]);
            print("\n", 1);
        }
        return 0;
    }
    if (!wcscmp(word, L"wide")) {
        const wchar_t *value = _wgetenv(argv[2]);
        print(value, wcslen(value) * sizeof *value);
        return 0;
    }
    if (!wcscmp(word, L"bytes")) {
        for (wchar_t *at = argv[2]; at[0] && at[1]; at += 2) {
            wchar_t digits[3] = {at[0], at[1], 0};
            unsigned char byte = (unsigned char)wcstoul(digits, NULL, 16);
            print(&byte, 1);
        }
        return 0;
    }
    if (!wcscmp(word, L"copy") || !wcscmp(word, L"ask")) {
        char bytes[4096];
        DWORD length;
        if (!wcscmp(word, L"ask")) print_text(argv[2]);
        while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof bytes, &length, NULL) && length > 0)
            print(bytes, length);
        return 0;
    }
    if (!wcscmp(word, L"wait") || !wcscmp(word, L"tree")) {
        wchar_t end[32768];
        if (!wcscmp(word, L"tree")) {
            swprintf(end, 32768, L"\"%ls\" wait \"%ls.child\"", argv[0], argv[2]);
            start(end);
            swprintf(end, 32768, L"%ls.child", argv[2]);
            while (!exists(end)) Sleep(10);
        }
        swprintf(end, 32768, L"%ls.end", argv[2]);
        SetConsoleCtrlHandler(clean_up, TRUE);
        CreateFileW(argv[2], GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
        while (!exists(end)) Sleep(10);
        return 0;
    }
    if (!wcscmp(word, L"leave")) {
        wchar_t line[32768];
        swprintf(line, 32768, L"\"%ls\" wait \"%ls\"", argv[0], argv[2]);
        start(line);
        while (!exists(argv[2])) Sleep(10);
        return 0;
    }
    if (!wcscmp(word, L"interrupt")) {
        SetConsoleCtrlHandler(NULL, FALSE);
        SetConsoleCtrlHandler(ignore, TRUE);
        HANDLE process = start(rest_of_command_line(3));
        while (!exists(argv[2])) {
            if (WaitForSingleObject(process, 10) == WAIT_OBJECT_0) return code_of(process);
        }
        GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
        return code_of(process);
    }
    if (!wcscmp(word, L"uninterrupted")) {
        SetConsoleCtrlHandler(NULL, TRUE);
        return code_of(start(rest_of_command_line(2)));
    }
    if (!wcscmp(word, L"-fgsSL")) {
        for (const wchar_t *at = GetEnvironmentStringsW(); *at; at += wcslen(at) + 1)
            wprintf(L"%.*ls\n", (int)wcscspn(at + 1, L"=") + 1, at);
        return 22;
    }
    if (!wcscmp(word, L"terminate")) {
        for (int i = 2; i < argc; i++) terminate(argv[i]);
        return 0;
    }
    return 97;
}
