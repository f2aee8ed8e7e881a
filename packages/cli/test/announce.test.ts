import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { banner, readyLine } from '../src/announce.ts'

const announcement = {
  urls: { local: 'http://127.0.0.1:8080/', network: ['http://192.168.1.7:8080/'] },
  root: '/srv/my "site"',
  port: 8080,
  version: '1.2.3',
  threads: null,
  redirectPort: null,
  authority: null,
}

describe('what is announced', () => {
  test('to programs is one line of JSON, whatever the root is called', () => {
    const line = readyLine(announcement)
    expect(line.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(line)).toEqual({
      event: 'ready',
      url: 'http://127.0.0.1:8080/',
      network: ['http://192.168.1.7:8080/'],
      port: 8080,
      root: '/srv/my "site"',
      pid: process.pid,
      version: '1.2.3',
      threads: 1,
    })
    const many = readyLine({ ...announcement, threads: { count: 4, strategy: 'transfer' } })
    expect(JSON.parse(many)).toMatchObject({ threads: 4, strategy: 'transfer' })
  })

  test('to people is where to click, what is served and how to stop', () => {
    const text = stripVTControlCharacters(banner(announcement))
    expect(text).toMatch(/Local +http:\/\/127\.0\.0\.1:8080\//)
    expect(text).toMatch(/Network +http:\/\/192\.168\.1\.7:8080\//)
    expect(text).toMatch(/Serving +\/srv\/my "site"/)
    expect(text).toContain('Ctrl+C')
  })
})
