import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const DRIVER = new URL('picohttpparser.c', import.meta.url).pathname

/**
 * Builds picohttpparser from the folder with its source, without SSE 4.2, and returns what measures it on a request.
 * On Debian the source is in `apt-get source h2o`, under deps/picohttpparser.
 */
export function picohttpparser(folder) {
  const work = mkdtempSync(join(tmpdir(), 'picohttpparser-'))
  const program = join(work, 'bench')
  execFileSync('gcc', ['-O3', '-I', folder, DRIVER, join(folder, 'picohttpparser.c'), '-o', program])
  return (text, milliseconds) => {
    const file = join(work, 'request')
    writeFileSync(file, text, 'latin1')
    return Number(execFileSync(program, [file, String(milliseconds)]))
  }
}
