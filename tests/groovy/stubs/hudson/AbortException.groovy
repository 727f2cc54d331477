package hudson

/** Stands in for Jenkins' exception without a stack trace, which `error`, `sh` and `withCredentials` throw. */
class AbortException extends IOException {

    AbortException(String message) {
        super(message)
    }

}
