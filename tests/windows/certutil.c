/* Stands for the certutil.exe of Windows, which Wine has no more than the name of: `certutil -hashfile FILE SHA256`. */
#include <windows.h>
#include <bcrypt.h>
#include <stdio.h>

int wmain(int argc, wchar_t **argv) {
    unsigned char buffer[65536], sum[32];
    BCRYPT_HASH_HANDLE hash;
    BCRYPT_ALG_HANDLE sha256;
    DWORD length;
    if (argc != 4 || wcscmp(argv[1], L"-hashfile") || wcscmp(argv[3], L"SHA256")) return 87;
    HANDLE file = CreateFileW(argv[2], GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        printf("CertUtil: -hashfile command FAILED: 0x80070002 (WIN32: 2 ERROR_FILE_NOT_FOUND)\n");
        printf("CertUtil: The system cannot find the file specified.\n");
        return 2;
    }
    if (BCryptOpenAlgorithmProvider(&sha256, BCRYPT_SHA256_ALGORITHM, NULL, 0)) return 1;
    if (BCryptCreateHash(sha256, &hash, NULL, 0, NULL, 0, 0)) return 1;
    while (ReadFile(file, buffer, sizeof buffer, &length, NULL) && length > 0) BCryptHashData(hash, buffer, length, 0);
    if (BCryptFinishHash(hash, sum, sizeof sum, 0)) return 1;
    printf("SHA256 hash of %ls:\n", argv[2]);
    for (unsigned at = 0; at < sizeof sum; at++) printf("%02x", sum[at]);
    printf("\nCertUtil: -hashfile command completed successfully.\n");
    return 0;
}
