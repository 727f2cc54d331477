import java.nio.file.FileVisitResult
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.attribute.BasicFileAttributes

/** Directories with everything in them. */
class Trees {

    /** Deletes a directory. Groovy's own `deleteDir` follows links, and deletes what they lead to. */
    static void delete(File directory) {
        if (directory.exists()) {
            Files.walkFileTree(directory.toPath(), new SimpleFileVisitor<Path>() {

                @Override
                FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    return deleteOne(file)
                }

                @Override
                FileVisitResult postVisitDirectory(Path subdirectory, IOException problem) {
                    return deleteOne(subdirectory)
                }

            })
        }
    }

    private static FileVisitResult deleteOne(Path path) {
        Files.delete(path)
        return FileVisitResult.CONTINUE
    }

}
