/** What stands at the beginning of a Jenkinsfile that uses a shared library. */
@interface Library {

    String[] value()

}
