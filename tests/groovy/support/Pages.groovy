import static org.junit.Assert.assertTrue

/** What is on the pages. */
class Pages {

    /** The code blocks of a page: `[heading:, language:, text:]`. */
    static List<Map<String, String>> snippets(String page) {
        List<Map<String, String>> snippets = []
        String heading = ''
        Map<String, String> snippet = null
        for (line in Programs.file(page).readLines('UTF-8')) {
            if (snippet && line.trim() == '```') {
                snippets << snippet
                snippet = null
            } else if (snippet) {
                snippet.text += "${line}\n"
            } else if (line.trim().startsWith('```')) {
                snippet = [heading: heading, language: line.trim().substring(3), text: '']
            } else if (line.startsWith('#')) {
                heading = line.replaceFirst('#+ ', '')
            }
        }
        return snippets
    }

    /** The pipelines under one heading of a page. */
    static List<String> pipelines(String page, String heading) {
        List<String> texts = snippets(page).findAll { it.heading == heading && it.language == 'groovy' }*.text
        assertTrue("no pipeline under ${heading} in ${page}", texts.size() > 0)
        return texts
    }

}
