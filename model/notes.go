package model

// Notes are facts about one step, told to step properties and never stored.
const (
	NoteCopyBack        uint64 = 1 << iota // stage two stored output by user address (F1)
	NoteCopyBackFault                      // ... and the address faulted
	NoteCopyBackGone                       // ... and the app had given that memory up
	NoteHitStack                           // a kernel or driver store hit a live variable of another function
	NoteHitNew                             // ... or a newer allocation at the same address
	NoteDriverUserWrite                    // driver code stored by user address
	NoteDriverUserRead                     // driver code read by user address
	NoteInputRead                          // anybody in the kernel read the request's user input
	NoteAfterNotify                        // the kernel touched the request's user memory after notifying
	NoteMapWrite                           // the driver stored through a system mapping
	NoteMapForeign                         // ... into a frame that this MDL does not hold locked
	NoteMapRead                            // the driver read through a system mapping
	NoteMapChanged                         // ... and read another value than before
	NoteReadStale                          // the driver read system buffer bytes that nobody wrote
	NoteNotify                             // the app was told (F6)
	NoteIosb                               // the status block was written (F5)
	NoteUnlock                             // pages of an MDL were unlocked (C5)
	NoteUnlockFree                         // ... and a frame went to the free list
	NoteFrameGiven                         // a frame was given to a new allocation
	NoteFrameLocked                        // ... while it was locked
	NoteFree                               // the app freed memory
	NoteFreeLocked                         // ... whose frame was locked
	NoteFreePending                        // ... that a request with the driver names
	NoteLockFault                          // the lock routine found the address bad
	NoteProbeFault                         // the probe or copy-in found the address bad
	NoteDispatch                           // a request was handed to the driver (A14)
	NoteComplete                           // IoCompleteRequest began
	NoteStage2                             // stage two began (APC delivered)
	NoteStage2Foreign                      // ... in another thread than the issuer's
	NoteMdlFreed                           // an MDL was freed
	NoteLock                               // a lock took references on the frames of an MDL (L4)
	NoteCancel                             // Cancel was set on a request
	NoteAppWrite                           // the app stored into memory that a request names
	NoteReturned                           // an app function with a buffer of a pending request returned
	NoteCopyIn                             // the input was captured (A11)
	NoteInfoExcess                         // Information above the output length at completion
	NoteInputLate                          // the driver read the request's input by its user address
	NoteReadOwn                            // the driver read input bytes of a system buffer that it had overwritten
	NoteRundown                            // a thread that exits looked for its requests (T2a)
	NoteTimeout                            // the five minutes of a rundown were over (T7, T7b)
	NoteStackFree                          // the stack of a thread was freed (T4)
	NoteTeardown                           // an address space was emptied (T7'), or deleted (T10)
	NoteLate                               // a disassociated request was completed (C8)
)

// Facts about file objects.
const (
	NoteCleanup uint64 = 1 << (43 + iota) // the last handle was closed (H1)
	NoteClose                             // the last reference is gone (R1)
)

// NoteList: a request entered a list of requests or left it.
const NoteList uint64 = 1 << 45

// NoteVain: a request was completed in the very step in which it was dispatched or
// claimed; who cancels it meanwhile does so in vain, and is left out.
const NoteVain uint64 = 1 << 46

// Violations that have no stop code of their own are told as notes of the step,
// and the path goes on: what they lead to is found too.
const (
	NoteOwner      uint64 = 1 << (48 + iota) // INV02
	NoteTouch                                // INV03, while the IRP still exists
	NotePendingIff                           // INV04
	NoteInfoBound                            // INV13
	NoteStaleLeak                            // INV14
)

// Notifications other than an event, and what else has no bit above.
const (
	NotePacket      uint64 = 1 << (55 + iota) // a completed request became a packet of a port
	NotePacketTaken                           // the app dequeued a packet
	NoteUserAPC                               // a user APC ran
	NoteTrim                                  // a locked page left the working set
)

// More facts about one step.
const (
	NoteGuard       uint64 = 1 << (59 + iota) // the kernel ran into a guard page
	NoteMapFails                              // a mapping into system space failed
	NoteOneNotify                             // INV17
	NoteDoubleFetch                           // INV20
)

// NotePoolFull: an allocation failed because as many blocks of it as the bound
// "records" allows are live.
const NotePoolFull uint64 = 1 << 47

// NoteStopped: the step leads to a finding. With it a question about findings
// costs nothing on all other steps.
const NoteStopped uint64 = 1 << 63
