import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { eventually, startTsws } from './tsws.ts'

const MIB = 1024 * 1024

let site: TempSite
beforeAll(async () => {
  site = await tempSite({ 'small.txt': 'small', 'large.bin': new Uint8Array(3 * MIB) })
  writeFileSync(site.path('huge.bin'), '')
  truncateSync(site.path('huge.bin'), 1024 * MIB) // a hole: no room on the disk
})
afterAll(() => site.remove())

const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** Resident memory in MiB. */
function memory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Asks `count` times on one connection, one answer after another; resolves with the statuses that came. */
function ask(port: number, request: string, count: number): Promise<Set<string>> {
  return new Promise((resolve, reject) => {
    const statuses = new Set<string>()
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request))
    let answered = 0
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const status = text.slice(9, 12)
      const length = status === '416' ? Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0) : 0
      if (text.length < end + 4 + length) return
      text = ''
      statuses.add(status)
      if (++answered < count) socket.write(request)
      else socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(statuses))
  })
}

/** Asks for content, takes the first of it, and is gone. */
function abort(port: number, request: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request))
    socket.once('data', () => socket.resetAndDestroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })
}

const ROUNDS = 1_000

describe.skipIf(!existsSync('/proc/self/fd'))('what files cost', () => {
  const head = (method: string, path: string, ...fields: string[]): string =>
    [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...fields, '', ''].join('\r\n')

  const requests = (etag: string): [name: string, request: string, status: string][] => [
    ['304', head('GET', '/large.bin', `If-None-Match: ${etag}`), '304'],
    ['HEAD', head('HEAD', '/large.bin'), '200'],
    ['HEAD of a small file', head('HEAD', '/small.txt'), '200'],
    ['412', head('GET', '/large.bin', 'If-Match: "no"'), '412'],
    ['416', head('GET', '/large.bin', 'Range: bytes=9999999-'), '416'],
    ['404', head('HEAD', '/no-such-file'), '404'],
  ]

  test(`descriptors are as many as before after ${ROUNDS} of each: 304, HEAD, 412, 416, 404, abort`, async () => {
    await using server = await startTsws([site.root, '--log', 'off', '--threads', '1'])
    const { pid } = server.ready
    const atRest = descriptors(pid)
    const etag = await etagOf(`${server.ready.url}large.bin`)
    await abort(server.port, head('GET', '/large.bin'))
    await eventually(() => expect(descriptors(pid)).toBe(atRest))
    for (const [name, request, status] of requests(etag)) {
      expect(await ask(server.port, request, ROUNDS), name).toEqual(new Set([status]))
    }
    for (let round = 0; round < ROUNDS; round += 20) {
      const parts = round % 40 === 0 ? [] : ['Range: bytes=0-9,2000000-']
      const request = head('GET', '/large.bin', ...parts)
      await Promise.all(Array.from({ length: 20 }, () => abort(server.port, request)))
    }
    await eventually(() => expect(descriptors(pid)).toBe(atRest))
  })

  test('eight readers of a gigabyte that hardly read do not fill the memory, and others are answered', async () => {
    await using server = await startTsws([site.root, '--log', 'off', '--threads', '1'])
    const { pid, url } = server.ready
    await (await fetch(`${url}small.txt`)).text()
    const before = memory(pid)
    const readers = Array.from({ length: 8 }, () => slowReader(server.port, head('GET', '/huge.bin')))
    let most = 0
    for (let at = 0; at < 20; at++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      most = Math.max(most, memory(pid))
      expect(await (await fetch(`${url}small.txt`)).text()).toBe('small')
    }
    for (const reader of readers) {
      expect(reader.bytesRead).toBeGreaterThan(MIB)
      reader.destroy()
    }
    expect(most - before).toBeLessThan(60)
  })
})

/** Reads what has come, every 50 milliseconds, and no more between. */
function slowReader(port: number, request: string): net.Socket {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(request))
  socket.on('data', () => {
    socket.pause()
    setTimeout(() => socket.resume(), 50)
  })
  socket.on('error', () => {})
  return socket
}

/** On a connection of its own, which is gone afterwards. */
function etagOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'HEAD', agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.headers.etag ?? ''))
    })
    request.on('error', reject).end()
  })
}
