// Structured exception handling in every shape that lowers.
void say(long long);
void fail(long);

static long filter(long code) { say(code); return code == 2; }
static int thrower(int n) { fail(n); return 1; }

static int inFinally(int how) {
    int n = 0;
    __try {
        n = 1;
        if (how == 1) return n;
        if (how == 2) goto out;
        if (how == 3) __leave;
        if (how == 4) fail(4);
        n = 2;
    } __finally {
        say(_abnormal_termination());
        n += 10;
    }
    say(n);
    return n + 100;
out:
    return n + 1000;
}

static int loops(void) {
    int i, n = 0;
    for (i = 0; i < 4; i++) {
        __try {
            if (i == 1) continue;
            if (i == 3) break;
            n += 1;
        } __finally {
            n += 10;
        }
    }
    return n;
}

static int nested(int code) {
    int at = 0;
    __try {
        __try {
            at = 1;
            fail(code);
            at = 2;
        } __except (filter(code)) {
            say(20);
            at = 3;
            fail(7);
        }
        say(21);
    } __except (1) {
        say(_exception_code());
    }
    return at;
}

static int inside(void) {
    __try {
        __try {
            fail(5);
        } __finally {
            __try { fail(6); } __except (1) { say(_exception_code()); }
            say(50);
        }
    } __except (1) {
        say(_exception_code());
    }
    return 0;
}

static int twoLeaves(void) {
    __try {
        __try {
            __leave;
        } __finally {
            say(1);
        }
        say(2);
        __leave;
        say(3);
    } __finally {
        say(4);
    }
    return 5;
}

static int gotoTwo(void) {
    int n = 0;
again:
    __try {
        __try {
            if (n++ < 1) goto again;
        } __finally {
            say(n);
        }
    } __finally {
        say(n + 10);
    }
    return n;
}

int main(void) {
    int *null = 0, i;
    say(inFinally(0)); // want: 0 12 112
    say(inFinally(1)); // want: 1 1
    say(inFinally(2)); // want: 1 1011
    say(inFinally(3)); // want: 0 11 111
    __try { inFinally(4); } __except (1) { say(_exception_code()); } // want: 1 4
    say(loops()); // want: 42
    say(nested(2)); // want: 2 20 7 3
    say(nested(3)); // want: 3 3 1
    inside(); // want: 6 50 5
    say(twoLeaves()); // want: 1 2 4 5
    say(gotoTwo()); // want: 1 11 2 12 2
    __try { *null = 1; say(0); } __except (1) { say(_exception_code() == (long)0xC0000005); } // want: 1
    __try { say(thrower(3)); } __except (_exception_code() == 3 ? 1 : 0) { say(33); } // want: 33
    __try { __try { thrower(8); } __except (0) { say(0); } } __except (1) { say(8); } // want: 8
    for (i = 0; i < 2; i++) { __try { if (i) fail(1); say(i); } __except (1) { continue; } say(90); } // want: 0 90
    __try { say(1 / (i - 2)); } __except (1) { say(91); } // want: 91
    return 0;
}
