/* Lamport's bakery: -DN=processes -DMOST=largest number. One statement or atomic is one step. */
byte choosing[N];
byte number[N];

active [N] proctype P() {
  byte k, max;
again:
  choosing[_pid] = 1;
look:
  atomic {
    if
    :: number[k] > max -> max = number[k]
    :: else
    fi;
    k++;
    if
    :: k < N -> goto look
    :: else -> k = 0
    fi;
    if
    :: max < MOST -> goto take
    :: else -> max = 0
    fi
  };
  choosing[_pid] = 0;
  goto again;
take:
  atomic { number[_pid] = max + 1; max = 0 };
  choosing[_pid] = 0;
waiting:
  choosing[k] == 0;
  atomic {
    number[k] == 0 || number[k] > number[_pid] || (number[k] == number[_pid] && k >= _pid) -> k++;
    if
    :: k < N -> goto waiting
    :: else -> k = 0
    fi
  };
  number[_pid] = 0;
  goto again
}
