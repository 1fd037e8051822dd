// Package explore is an exact, parallel, deterministic explicit-state model
// checker for systems of any kind: give it a System, which pushes the steps of
// a state, and Properties, and Run visits every reachable state once, or says
// why it did not. It keeps one promise: a Report states facts about sets of
// states, so it is the same, byte for byte, for any number of workers.
//
// States are byte strings of one size. A System needs three methods; see the
// example of Run for a whole protocol. systemtest.Run checks that a System
// keeps the contract.
//
// # A system of your own
//
// Lay the state out as bytes: one field after the other, of fixed places, the
// unused zero. What two runs may do in another order should end in the same
// bytes: sort what has no order, zero what nobody will read again. Give each step
// an Action that tells it from the other steps of its state: who moves, and how.
// What a step shows that the states do not (a message was lost) is a Note, on
// which a property of steps can look. Then:
//
//   - systemtest.Run in a test says whether the contract is kept;
//   - Run with no limit says PROVED or gives shortest runs; it takes about ten
//     bytes a state, whatever the size of a state, if the parts of the states
//     take few values (Parted);
//   - if there are too many states, look for what cannot be told apart
//     (Symmetric), and for steps whose order does not matter (Steps.Ample);
//   - Config.MaxMemory, Checkpoint and Resume are for runs of hours; Best and
//     Walk hunt for violations where Run would not come to its end;
//   - Replay runs a trace again, with any way to print states.
//
// Ask with a Reachable property whether what the others are about happens at
// all: a system without steps keeps every invariant.
//
// # How it works
//
// A state becomes a key of at most 64 bits. A state of up to 8 bytes is its
// own key; a wider one is cut into parts, each of which is replaced by its
// number among the contents that this part has had, and the numbers side by side
// are the key (folder, shape, dictionary). Where they do not fit, pairs of numbers
// are numbered in turn. No hash ever stands for a state.
//
// The search is breadth-first (search). Each level is explored in rounds of two
// phases: in expand, workers take chunks of the level and sort the keys of all
// targets into outboxes by shard; in settle, each shard of the set is owned by
// one worker, which adds the keys sent to it. The set is only read in the first
// phase and has no sharing in the second, so neither takes a lock.
//
// A shard stores 32 to 64 bits a key: the place of a slot tells the rest of the
// key (shard, mixer). Beside each slot stands the level, one byte in runs of up
// to 256 levels, which is all that is kept for counterexamples: the predecessors
// of a state are found by exploring the level before it once more (rebuild). The
// run is then replayed from a real initial state, which gives it real identities
// when symmetry is on (replayer).
//
// When memory does not suffice the known keys go to disk, in sorted runs, and the
// set holds only those found for the next level, until they are merged with the
// runs at its end (spill, mergeBucket).
//
// At the end of a level the known keys with their levels, the dictionaries and
// the report so far are all that there is to know, so they make a checkpoint
// (checkpointer, manifest).
package explore
