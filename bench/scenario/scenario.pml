/* The benchmark scenario (README.md) for SPIN: -DN=walkers -DM=ptes, -DFIX for the fix.
 * One statement or d_step is one step. Finished processes wait at `end`, so that there is no step of termination;
 * `done` counts them, which is what the program counters tell anyway, so that the last one can look at the end. */
byte pmd = 1;
byte pte[M] = 1;
byte ref[M] = 1;
byte freed[M];
byte gen[M];
byte huge[M];
byte done;
hidden byte k;

inline look() {
  k = 0;
  do
  :: k < M -> assert(huge[k] == gen[k]); k++
  :: else -> break
  od
}

inline finish() {
  done++;
  if
  :: done == N + 1 && pmd == 2 -> look()
  :: else
  fi
}

active proctype collapser() {
  byte i, t;
  pmd = 0;
  do
  :: d_step { ref[i] == 1 && i < M - 1 -> i++ }
  :: d_step { ref[i] == 1 && i == M - 1 -> i = 0 }; break
  :: d_step { ref[i] != 1 -> i = 0 }; d_step { pmd = 1; finish() }; goto end
  od;
  do
  :: t = gen[i];
     if
     :: d_step { i < M - 1 -> huge[i] = t; t = 0; i++ }
     :: d_step { i == M - 1 -> huge[i] = t; t = 0; i = 0 }; break
     fi
  od;
  do
  :: pte[i] = 0;
     if
     :: d_step { ref[i] == 1 -> ref[i] = 0 };
        if
        :: d_step { i < M - 1 -> freed[i] = 1; i++ }
        :: d_step { i == M - 1 -> freed[i] = 1; i = 0 }; break
        fi
     :: d_step { ref[i] > 1 && i < M - 1 -> ref[i]--; i++ }
     :: d_step { ref[i] > 1 && i == M - 1 -> ref[i]--; i = 0 }; break
     fi
  od;
  if
  :: d_step { pmd = 2; finish() } /* within an if: no goto may lead to a d_step */
  fi;
end:
  false
}

#define I ((_pid - 1) % M)

active [N] proctype walker() {
  byte g;
  if
  :: pmd == 1
  :: d_step { pmd != 1 -> finish() }; goto end
  fi;
  if
  :: pte[I] != 0
  :: d_step { pte[I] == 0 -> finish() }; goto end
  fi;
  if
  :: d_step { ref[I] != 0 -> ref[I]++ }
  :: d_step { ref[I] == 0 -> finish() }; goto end
  fi;
  if
  :: pte[I] != 0
  :: pte[I] == 0 -> goto put
  fi;
#ifdef FIX
  if
  :: pmd == 1
  :: pmd != 1 -> goto put
  fi;
#endif
  g = gen[I];
  d_step { assert(freed[I] == 0); gen[I] = g + 1; g = 0 };
put:
  if
  :: d_step { ref[I] > 1 -> ref[I]--; finish() }
  :: d_step { ref[I] == 1 -> ref[I] = 0 }; d_step { freed[I] = 1; finish() }
  fi;
end:
  false
}
