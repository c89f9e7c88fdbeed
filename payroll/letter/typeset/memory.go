package typeset

// memory keeps what was made for a key as long as it is asked for now and then:
// when as much has been added as the limit allows, what was not asked for since
// the last time is forgotten. It holds at most twice the limit, and what is asked
// for all the time.
type memory[K comparable, V any] struct {
	young, old    map[K]V
	weight, limit int
}

func newMemory[K comparable, V any](limit int) memory[K, V] {
	return memory[K, V]{young: make(map[K]V), limit: limit}
}

func (m *memory[K, V]) get(key K) (V, bool) {
	if v, ok := m.young[key]; ok {
		return v, true
	}
	v, ok := m.old[key]
	if ok {
		m.young[key] = v // it stays, and counts for nothing
	}
	return v, ok
}

func (m *memory[K, V]) put(key K, v V, weight int) {
	if m.weight += weight; m.weight > m.limit {
		m.old, m.young, m.weight = m.young, make(map[K]V), weight
	}
	m.young[key] = v
}
