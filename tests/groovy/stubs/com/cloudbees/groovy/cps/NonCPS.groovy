package com.cloudbees.groovy.cps

import java.lang.annotation.Retention
import java.lang.annotation.RetentionPolicy

/** Jenkins' mark of a method that is run as it stands, and so can't be stopped in the middle. */
@Retention(RetentionPolicy.RUNTIME)
@interface NonCPS {

}
