/* What Windows says of a file's access list, for tests/windows/access_lists.rs: `access_list show PATH` prints
 * "protected" if it inherits nothing, and a line "all WHO" or "some WHO" for each entry that allows something;
 * `access_list open PATH` gives everyone every right. Written apart from the program, so that it judges independently. */
#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what, DWORD code) {
    fprintf(stderr, "%s: error %lu\n", what, code);
    exit(1);
}

static void print_who(PSID sid) {
    static BYTE room[256];
    HANDLE token;
    DWORD length;
    char *text;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) fail("OpenProcessToken", GetLastError());
    if (!GetTokenInformation(token, TokenUser, room, sizeof room, &length)) fail("TokenUser", GetLastError());
    if (EqualSid(sid, ((TOKEN_USER *)room)->User.Sid)) puts("caller");
    else if (IsWellKnownSid(sid, WinLocalSystemSid)) puts("system");
    else if (IsWellKnownSid(sid, WinBuiltinAdministratorsSid)) puts("administrators");
    else if (ConvertSidToStringSidA(sid, &text)) puts(text);
    else fail("ConvertSidToStringSid", GetLastError());
}

static void show(wchar_t *path) {
    PACL list;
    PSECURITY_DESCRIPTOR descriptor;
    SECURITY_DESCRIPTOR_CONTROL control;
    DWORD revision, at;
    DWORD failed = GetNamedSecurityInfoW(path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, &list, NULL, &descriptor);
    if (failed) fail("GetNamedSecurityInfo", failed);
    if (!GetSecurityDescriptorControl(descriptor, &control, &revision)) fail("control", GetLastError());
    if (control & SE_DACL_PROTECTED) puts("protected");
    if (!list) {
        puts("all without-a-list");
        return;
    }
    for (at = 0; at < list->AceCount; at++) {
        ACCESS_ALLOWED_ACE *entry;
        if (!GetAce(list, at, (void **)&entry)) fail("GetAce", GetLastError());
        if (entry->Header.AceType == ACCESS_DENIED_ACE_TYPE) continue;
        fputs((entry->Mask & FILE_ALL_ACCESS) == FILE_ALL_ACCESS ? "all " : "some ", stdout);
        print_who(&entry->SidStart);
    }
}

static void open_to_all(wchar_t *path) {
    PSECURITY_DESCRIPTOR descriptor;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(L"D:P(A;;FA;;;WD)", SDDL_REVISION_1, &descriptor, NULL))
        fail("descriptor", GetLastError());
    if (!SetFileSecurityW(path, DACL_SECURITY_INFORMATION, descriptor)) fail("SetFileSecurity", GetLastError());
}

int wmain(int count, wchar_t **words) {
    if (count == 3 && !wcscmp(words[1], L"show")) show(words[2]);
    else if (count == 3 && !wcscmp(words[1], L"open")) open_to_all(words[2]);
    else {
        fputs("usage: access_list show|open PATH\n", stderr);
        return 2;
    }
    return 0;
}
