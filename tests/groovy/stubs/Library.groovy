/** Stands in for Jenkins' annotation that loads a shared library. */
@interface Library {

    String[] value()

}
