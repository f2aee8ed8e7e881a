import { constants, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { OpenedFile } from '../src/opened-file.ts'
import { makeTree } from './support.ts'

const openFile = (): Promise<OpenedFile> =>
  OpenedFile.open(join(makeTree({ [NAME]: 'content' }), NAME), constants.O_RDONLY)

/** Only of files of this test: the process opens and closes others meanwhile. */
const NAME = 'opened-file-test.txt'

const openDescriptors = (): number =>
  readdirSync('/proc/self/fd').filter((descriptor) => targetOf(descriptor).includes(NAME)).length

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return '' // the one by which the folder was read
  }
}

it('closing waits for a read under way, and a read after it fails', async () => {
  const file = await openFile()
  const buffer = Buffer.alloc(7)
  const reading = file.read(buffer, 0, 7, 0)
  const closing = file.close()
  await expect(file.read(buffer, 0, 7, 0)).rejects.toThrow('the file is closed')
  expect(await reading).toEqual({ bytesRead: 7 })
  await closing
  expect(buffer.toString()).toBe('content')
})

it('closing twice closes once', async () => {
  const before = openDescriptors()
  const file = await openFile()
  expect(file.fd).toBeGreaterThan(0)
  await Promise.all([file.close(), file.close()])
  await file.close()
  expect([file.fd, openDescriptors()]).toEqual([-1, before])
})

it('one that is forgotten is closed with its memory, and nothing is thrown', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const before = openDescriptors()
  let files: OpenedFile[] = []
  for (let at = 0; at < 20; at++) files.push(await openFile())
  expect(openDescriptors()).toBe(before + 20)
  files = []
  await expect
    .poll(() => {
      collectGarbage()
      return openDescriptors()
    })
    .toBeLessThanOrEqual(before + 1) // the last one may still be on the stack
})
