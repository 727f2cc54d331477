package hudson

/** Jenkins' own name for a failure that needs no stack trace: what `error`, `sh` and `withCredentials` throw. */
class AbortException extends IOException {

    AbortException(String message) {
        super(message)
    }

}
