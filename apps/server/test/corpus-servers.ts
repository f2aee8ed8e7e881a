import { runCommand, testCertificate } from '@tsws/testing'
import type { Middleware } from '@tsws/http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '../src/start-server.ts'
import type { ServerConfig } from '../src/options.ts'
import type { RunningServer } from '../src/start-server.ts'

const ECHO = new URL('../../../examples/echo.ts', import.meta.url).href

/** Where the corpus is, and what makes the files that its cases ask for. */
export const CORPUS = fileURLToPath(new URL('../../../test/conformance', import.meta.url))

export interface CorpusServers {
  readonly plain: RunningServer
  readonly secure: RunningServer
  close(): Promise<void>
}

/** The server that the corpus asks for, plain and over TLS. */
export async function startCorpusServers(
  more: ServerConfig = {},
  tls: { handshakeTimeout?: number } = {},
): Promise<CorpusServers> {
  const folder = await mkdtemp(join(tmpdir(), 'tsws-corpus-'))
  const made = await runCommand([process.execPath, join(CORPUS, 'make-fixture.mjs'), join(folder, 'fixture')])
  if (made.stderr !== '') throw new Error(`make-fixture.mjs: ${made.stderr}`)
  const { default: echo } = (await import(ECHO)) as { default: Middleware }
  const root = join(folder, 'fixture', 'www')
  const config = { root, middleware: [echo], host: '127.0.0.1', port: 0, ...more }
  const plain = await startServer(config)
  const secure = await startServer({ ...config, tls: { ...testCertificate(), ...tls } })
  return {
    plain,
    secure,
    async close() {
      await plain.close({ grace: 0 })
      await secure.close({ grace: 0 })
      await rm(folder, { recursive: true, force: true })
    },
  }
}
