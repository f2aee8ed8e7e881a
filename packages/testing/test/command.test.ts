import { describe, expect, test } from 'vitest'
import { runCommand, startCommand } from '../src/index.ts'

const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script]

describe('a command', () => {
  test('gives its output and exit code at its end', async () => {
    const end = await runCommand(node('console.log("out"); console.error("err"); process.exit(3)'))
    expect(end).toEqual({ code: 3, signal: null, stdout: 'out\n', stderr: 'err\n' })
  })

  test('gives a line as soon as it is written, while it still runs', async () => {
    await using command = startCommand(node('console.log("one\\ntwo"); setInterval(() => {}, 1000)'))
    expect(await command.line(/^t/)).toBe('two')
    command.signal('SIGTERM')
    expect((await command.end).signal).toBe('SIGTERM')
  })

  test('that ends without the line shows what it wrote instead', async () => {
    await using command = startCommand(node('console.log("something else")'))
    await expect(command.line(/ready/)).rejects.toThrow('something else')
  })
})
