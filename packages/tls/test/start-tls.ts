import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { createServer } from '@tsws/engine'
import type { HttpServer } from '@tsws/engine'
import { respond } from '@tsws/http'
import { testCertificate } from '@tsws/testing'
import { onTestFinished } from 'vitest'
import { createTlsListener } from '../src/index.ts'
import type { TlsListener, TlsOptions } from '../src/index.ts'

export const pair = testCertificate()

export interface Started {
  port: number
  listener: TlsListener
  server: HttpServer
}

/** A server over TLS that says what it saw; closed when the test is over. */
export async function start(options: Partial<TlsOptions> = {}): Promise<Started> {
  const server = createServer(async (request) => {
    if (request.pathname === '/slow') await sleep(50)
    return respond.text(`${request.url} ${request.connection.encrypted} ${request.connection.remoteAddress}`)
  })
  const listener = createTlsListener({ ...pair, ...options })
  listener.server.listen(0, '127.0.0.1')
  await once(listener.server, 'listening')
  server.addListener(listener)
  onTestFinished(() => void server.close({ grace: 100 }))
  return { port: (listener.server.address() as AddressInfo).port, listener, server }
}

export const REQUEST = 'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** Connects by TLS; the client checks nothing but what the test asks for. */
export async function connect(port: number, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    servername: 'localhost',
    ...options,
  })
  await once(socket, 'secureConnect')
  return socket
}

/** The DNS names of the certificate that the server shows. */
export async function shownNames(port: number, servername: string): Promise<string | undefined> {
  const socket = await connect(port, { servername })
  const { subjectaltname } = socket.getPeerCertificate()
  socket.destroy()
  return subjectaltname
}

/** All bytes until the other side closes. */
export async function readAll(socket: net.Socket): Promise<string> {
  let text = ''
  for await (const bytes of socket) text += bytes
  return text
}
