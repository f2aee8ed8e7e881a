import type { Middleware } from '@tsws/http'
import { runCommand, runCorpus } from '@tsws/testing'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createNetServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { resolveConfig } from '../src/options.ts'
import { createEngine } from '../src/start-server.ts'

const ECHO = new URL('../../../examples/echo.ts', import.meta.url).href
const CORPUS = fileURLToPath(new URL('../../../test/conformance', import.meta.url))

/** Bytes: heads and small bodies are cut everywhere; of megabytes the rest comes in larger pieces. */
const CUT_BYTES = 4096

// The corpus runs over the wire elsewhere. Here a door passes on what comes in one byte at a time,
// to connections that are memory: the path of `inject`, with every cut of every case.
test(
  'every case of the corpus holds through memory, with the input cut at every byte',
  { timeout: 300_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tsws-cut-'))
    const made = await runCommand([
      process.execPath,
      join(CORPUS, 'make-fixture.mjs'),
      join(folder, 'fixture'),
    ])
    expect(made.stderr).toBe('')
    const { default: echo } = (await import(ECHO)) as { default: Middleware }
    const { engine } = createEngine(
      resolveConfig({ root: join(folder, 'fixture', 'www'), middleware: [echo] }),
    )
    const door = createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const [outside, inside] = duplexPair()
      engine.serve(inside)
      passOn(socket, outside).catch(() => outside.destroy()) // a client that resets
    })
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = door.address() as AddressInfo
      const report = await runCorpus({ folder: CORPUS, port, timeout: 10_000 })
      const failed = report.results
        .filter(({ ok }) => ok === false)
        .map(({ id, why }) => `${id}: ${why?.join('; ')}`)
      expect(failed).toEqual([])
      const unrun = report.results.filter(({ skipped }) => skipped !== undefined).map(({ id }) => id)
      expect(unrun.filter((id) => !id.startsWith('tls/'))).toEqual([])
    } finally {
      await engine.close({ grace: 0 })
      door.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
)

async function passOn(socket: Socket, inside: Duplex): Promise<void> {
  const cut = (): void => {
    socket.destroy()
    inside.destroy()
  }
  socket.on('error', cut)
  inside.on('error', cut)
  socket.once('close', () => inside.destroy())
  inside.once('close', () => socket.destroySoon())
  inside.pipe(socket)
  let passed = 0
  for await (const bytes of socket) {
    for (let at = 0; at < bytes.length && !inside.destroyed;) {
      const size = passed < CUT_BYTES ? 1 : 1000
      const piece = bytes.subarray(at, at + size)
      at += piece.length
      passed += piece.length
      await new Promise<void>((resolve) => inside.write(piece, () => resolve()))
    }
  }
  inside.end()
}
