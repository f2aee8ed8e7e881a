import { Deserializer } from 'node:v8'
import { decodeThrown } from './error-transport.ts'
import type { ThrownRecord } from './error-transport.ts'
import { Tag } from './slots.ts'
import type { Slots } from './slots.ts'

/** Reads what a thread wrote for the slot: what its task returned, or threw. To be read once. */
export function readAnswer(slots: Slots, slot: number): { thrown: boolean; value: unknown } {
  const tag = slots.tag(slot)
  if (tag === Tag.thrown) {
    return { thrown: true, value: decodeThrown(deserialize(slots.takeBytes(slot)) as ThrownRecord) }
  }
  return { thrown: false, value: readValue(slots, slot, tag) }
}

function readValue(slots: Slots, slot: number, tag: number): unknown {
  switch (tag) {
    case Tag.null:
      return null
    case Tag.true:
      return true
    case Tag.false:
      return false
    case Tag.number:
      return slots.number(slot)
    case Tag.string:
      return slots.takeString(slot)
    case Tag.json:
      return JSON.parse(slots.takeString(slot))
    case Tag.value:
      return deserialize(slots.takeBytes(slot))
    default:
      return undefined
  }
}

function deserialize(bytes: Buffer): unknown {
  const deserializer = new Deserializer(bytes)
  deserializer.readHeader()
  return deserializer.readValue()
}
