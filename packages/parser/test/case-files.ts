import { readdirSync, readFileSync } from 'node:fs'
import { bytesOf } from './events.ts'
import type { TranscriptOptions } from './transcript.ts'

/** One case of `test/cases`: what is sent and what comes of it. */
export interface Case {
  file: string
  title: string
  bytes: Uint8Array
  options: TranscriptOptions
  expected: string[]
}

const folder = new URL('./cases/', import.meta.url)

/**
 * A case is a heading, a sentence with the section, a block with the bytes, and a block with what comes of them. In
 * the bytes only escapes make a line end (`\r`, `\n`, `\t`, `\xNN`, `\\`), and `<<a*9>>` is a repeated; a line's end in
 * the file means nothing. An `options` block in JSON is for `transcriptOf`.
 */
export function readCases(): Case[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .toSorted()
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      return text
        .split(/^## /m)
        .slice(1)
        .map((section) => readCase(file, section))
    })
}

function readCase(file: string, section: string): Case {
  const title = section.slice(0, section.indexOf('\n'))
  const options = block(section, 'options')
  return {
    file,
    title,
    bytes: bytesOf(unescapeBytes(block(section, 'bytes') ?? '')),
    options: options === null ? {} : (JSON.parse(options) as TranscriptOptions),
    expected: (block(section, 'events') ?? '').split('\n').filter((line) => line !== ''),
  }
}

function block(section: string, name: string): string | null {
  return new RegExp(`^\`\`\`${name}\\n([^]*?)^\`\`\`$`, 'm').exec(section)?.[1] ?? null
}

export function unescapeBytes(text: string): string {
  return text
    .replaceAll('\n', '')
    .replace(/<<(.+?)\*(\d+)>>/g, (_, part: string, count: string) => part.repeat(Number(count)))
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, letter: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      return { r: '\r', n: '\n', t: '\t', '\\': '\\' }[letter!] ?? ''
    })
}
