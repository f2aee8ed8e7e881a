import { expect, test } from 'vitest'
import { Roster } from '../src/roster.ts'

const member = (name: string) => ({ name, place: -1 })

test('members that come and go in any order leave nobody out and nobody twice', () => {
  const roster = new Roster<{ name: string; place: number }>()
  const expected = new Set<{ name: string; place: number }>()
  for (let turn = 0; turn < 5000; turn++) {
    const inside = [...expected]
    const one = inside[(turn * 7919) % (inside.length || 1)]
    if (one !== undefined && turn % 5 < 2) {
      roster.delete(one)
      expected.delete(one)
    } else {
      const added = member(String(turn))
      roster.add(added)
      expected.add(added)
    }
    expect(roster.size).toBe(expected.size)
  }
  const found = [...roster]
  expect(found).toHaveLength(expected.size)
  expect(new Set(found)).toEqual(expected)
})

test('one that is deleted twice, or was never there, takes nobody else with it', () => {
  const roster = new Roster<{ name: string; place: number }>()
  const [first, second] = [member('first'), member('second')]
  roster.add(first)
  roster.add(second)
  roster.delete(first)
  roster.delete(first)
  roster.delete(member('stranger'))
  expect([...roster]).toEqual([second])
})

test('each is met once by somebody who deletes them on the way', () => {
  const roster = new Roster<{ name: string; place: number }>()
  for (let index = 0; index < 10; index++) roster.add(member(String(index)))
  const met: string[] = []
  for (const one of roster) {
    met.push(one.name)
    if (Number(one.name) % 2 === 0) roster.delete(one)
  }
  expect(met.toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => String(index)))
  expect(roster.size).toBe(5)
})
