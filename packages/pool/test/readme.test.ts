import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULTS, SERVER_DEFAULTS } from '../src/index.ts'

const folder = join(import.meta.dirname, 'readme')
const start = (file: string) => spawn(process.execPath, ['--conditions=@tsws/source', join(folder, file)])

describe('the README', () => {
  it.each(['words.ts', 'count.ts', 'echo-thread.ts', 'echo.ts'])(
    'shows %s as it is run here',
    async (file) => {
      const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
      expect(readme).toContain(await readFile(join(folder, file), 'utf8'))
    },
  )

  it('names every option', async () => {
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
    for (const option of [...Object.keys(DEFAULTS), ...Object.keys(SERVER_DEFAULTS)]) {
      expect(readme).toContain(`\`${option}\``)
    }
  })

  it('counts words in threads', async () => {
    const child = start('count.ts')
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect({ output, code }).toEqual({ output: '6\n[ 1, 2, 3 ]\n', code: 0 })
  })

  it('echoes, reloads on SIGHUP and ends with code 0 on SIGTERM', async () => {
    const child = start('echo.ts')
    const exit = once(child, 'exit')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(/port: (\d+)/.exec(line.toString())![1])
    const greeting = async (): Promise<string> => {
      const socket = connect(port, '127.0.0.1')
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      return chunk.toString()
    }
    expect(await greeting()).toMatch(/^hello from thread [12]\n$/)
    child.kill('SIGHUP')
    await expect.poll(greeting, { timeout: 15_000 }).toMatch(/^good day from thread/)
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
  })
})
