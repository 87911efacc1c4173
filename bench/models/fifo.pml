/* A queue of four values: -DL=its length. One statement or d_step is one step. */
byte place[L];
byte used;

active proctype writer() {
  byte value;
  do
  :: if
     :: value = 1
     :: value = 2
     :: value = 3
     :: value = 4
     fi;
     if
     :: d_step { used < L -> place[used] = value; used++; value = 0 }
     fi
  od
}

active proctype reader() {
  byte i;
  do
  :: d_step {
       used > 0 -> i = 1;
       do
       :: i < L -> place[i - 1] = place[i]; i++
       :: else -> break
       od;
       place[L - 1] = 0;
       used--;
       i = 0
     }
  od
}
