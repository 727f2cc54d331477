package com.cloudbees.groovy.cps

import java.lang.annotation.Retention
import java.lang.annotation.RetentionPolicy

/** Stands in for Jenkins' annotation of methods that it runs without CPS, and so can't suspend. */
@Retention(RetentionPolicy.RUNTIME)
@interface NonCPS {

}
