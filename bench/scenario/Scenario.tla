---- MODULE Scenario ----
(* The benchmark scenario (README.md): every action is one step. A walker's or the collapser's program counter says  *)
(* which step it takes next; index and t are the collapser's locals, g is a walker's.                                *)
EXTENDS Naturals
CONSTANTS N, M, Fix
VARIABLES pmd, pte, ref, freed, gen, huge, pc, index, t, wpc, g

P == 0 .. M - 1
W == 0 .. N - 1
Page(w) == w % M
collapser == <<pc, index, t>>
vars == <<pmd, pte, ref, freed, gen, huge, pc, index, t, wpc, g>>

Init ==
  /\ pmd = 1
  /\ pte = [i \in P |-> i + 1] /\ ref = [i \in P |-> 1] /\ freed = [i \in P |-> 0]
  /\ gen = [i \in P |-> 0] /\ huge = [i \in P |-> 0]
  /\ pc = "clear pmd" /\ index = 0 /\ t = 0
  /\ wpc = [w \in W |-> "pmd"] /\ g = [w \in W |-> 0]

(* On to the next round of a loop at `here`, or out of it to `there`. *)
Round(here, there) ==
  IF index < M - 1 THEN index' = index + 1 /\ pc' = here ELSE index' = 0 /\ pc' = there

ClearPmd == pc = "clear pmd" /\ pmd' = 0 /\ pc' = "isolate" /\ UNCHANGED <<pte, ref, freed, gen, huge, index, t, wpc, g>>
Isolate ==
  /\ pc = "isolate"
  /\ IF ref[index] = 1 THEN Round("isolate", "read") ELSE index' = 0 /\ pc' = "abort"
  /\ UNCHANGED <<pmd, pte, ref, freed, gen, huge, t, wpc, g>>
Abort == pc = "abort" /\ pmd' = 1 /\ pc' = "ended" /\ UNCHANGED <<pte, ref, freed, gen, huge, index, t, wpc, g>>
Read == pc = "read" /\ t' = gen[index] /\ pc' = "copy" /\ UNCHANGED <<pmd, pte, ref, freed, gen, huge, index, wpc, g>>
Copy ==
  /\ pc = "copy" /\ huge' = [huge EXCEPT ![index] = t] /\ t' = 0 /\ Round("read", "clear pte")
  /\ UNCHANGED <<pmd, pte, ref, freed, gen, wpc, g>>
ClearPte ==
  /\ pc = "clear pte" /\ pte' = [pte EXCEPT ![index] = 0] /\ pc' = "unmap"
  /\ UNCHANGED <<pmd, ref, freed, gen, huge, index, t, wpc, g>>
Unmap ==
  /\ pc = "unmap" /\ ref' = [ref EXCEPT ![index] = @ - 1]
  /\ IF ref[index] = 1 THEN pc' = "free" /\ UNCHANGED index ELSE Round("clear pte", "set pmd")
  /\ UNCHANGED <<pmd, pte, freed, gen, huge, t, wpc, g>>
Free ==
  /\ pc = "free" /\ freed' = [freed EXCEPT ![index] = 1] /\ Round("clear pte", "set pmd")
  /\ UNCHANGED <<pmd, pte, ref, gen, huge, t, wpc, g>>
SetPmd == pc = "set pmd" /\ pmd' = 2 /\ pc' = "ended" /\ UNCHANGED <<pte, ref, freed, gen, huge, index, t, wpc, g>>

Goes(w, to) == wpc' = [wpc EXCEPT ![w] = to]
Test(w, at, passes, to, otherwise) ==
  wpc[w] = at /\ Goes(w, IF passes THEN to ELSE otherwise) /\ UNCHANGED <<pmd, pte, ref, freed, gen, huge, collapser, g>>

WPmd(w) == Test(w, "pmd", pmd = 1, "pte", "ended")
WPte(w) == Test(w, "pte", pte[Page(w)] # 0, "get", "ended")
WGet(w) ==
  /\ wpc[w] = "get"
  /\ IF ref[Page(w)] = 0 THEN Goes(w, "ended") /\ UNCHANGED ref
     ELSE Goes(w, "pte again") /\ ref' = [ref EXCEPT ![Page(w)] = @ + 1]
  /\ UNCHANGED <<pmd, pte, freed, gen, huge, collapser, g>>
WPteAgain(w) == Test(w, "pte again", pte[Page(w)] # 0, IF Fix THEN "pmd again" ELSE "read", "put")
WPmdAgain(w) == Test(w, "pmd again", pmd = 1, "read", "put")
WRead(w) ==
  /\ wpc[w] = "read" /\ g' = [g EXCEPT ![w] = gen[Page(w)]] /\ Goes(w, "write")
  /\ UNCHANGED <<pmd, pte, ref, freed, gen, huge, collapser>>
WWrite(w) ==
  /\ wpc[w] = "write" /\ gen' = [gen EXCEPT ![Page(w)] = g[w] + 1] /\ g' = [g EXCEPT ![w] = 0] /\ Goes(w, "put")
  /\ UNCHANGED <<pmd, pte, ref, freed, huge, collapser>>
WPut(w) ==
  /\ wpc[w] = "put" /\ ref' = [ref EXCEPT ![Page(w)] = @ - 1]
  /\ Goes(w, IF ref[Page(w)] = 1 THEN "free" ELSE "ended")
  /\ UNCHANGED <<pmd, pte, freed, gen, huge, collapser, g>>
WFree(w) ==
  /\ wpc[w] = "free" /\ freed' = [freed EXCEPT ![Page(w)] = 1] /\ Goes(w, "ended")
  /\ UNCHANGED <<pmd, pte, ref, gen, huge, collapser, g>>

Next ==
  \/ ClearPmd \/ Isolate \/ Abort \/ Read \/ Copy \/ ClearPte \/ Unmap \/ Free \/ SetPmd
  \/ \E w \in W : WPmd(w) \/ WPte(w) \/ WGet(w) \/ WPteAgain(w) \/ WPmdAgain(w) \/ WRead(w) \/ WWrite(w) \/ WPut(w) \/ WFree(w)

Spec == Init /\ [][Next]_vars

NotFreed == \A w \in W : wpc[w] = "write" => freed[Page(w)] = 0
NotLost ==
  pc = "ended" /\ (\A w \in W : wpc[w] = "ended") /\ pmd = 2 => \A i \in P : huge[i] = gen[i]
====
