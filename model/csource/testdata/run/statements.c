// Statements: if, the loops, break and continue, switch with and without
// falling through, goto in both directions.
void say(long long);

static int weekday(int d) {
    int n = 0;
    switch (d) {
    case 1:
        n += 1;
    case 2:
        n += 10;
        break;
    case 3: {
        n += 100;
        if (n) break;
        n += 1000;
    }
    default:
        n = -1;
    case 9:
        n -= 5;
    }
    return n;
}

static int nested(int a, int b) {
    switch (a) {
    case 0:
        switch (b) {
        case 0: return 1;
        case 1: break;
        default: return 2;
        }
        return 3;
    case 1:
        for (;;) {
            switch (b) {
            case 0: b++; continue;
            case 1: break;
            }
            break;
        }
        return b;
    }
    return 4;
}

int main(void) {
    int i, n = 0;
    say(weekday(1)), say(weekday(2)), say(weekday(3)), say(weekday(4)), say(weekday(9));
    // want: 11 10 100 -6 -5
    say(nested(0, 0)); say(nested(0, 1)); say(nested(0, 7)); say(nested(1, 0)); say(nested(2, 0));
    // want: 1 3 2 1 4
    for (i = 0; i < 10; i++) {
        if (i == 2) continue;
        if (i == 5) break;
        n = n * 10 + i;
    }
    say(n);
    // want: 134
    while (n > 100) n -= 50;
    say(n);
    // want: 84
    do { n++; } while (n < 10);
    say(n);
    // want: 85
    do if (n & 1) continue; while (n++ < 87);
    say(n);
    // want: 88
    for (int j = 3; j; j--) say(j);
    // want: 3 2 1
again:
    if (n++ < 90) goto again;
    say(n);
    // want: 91
    goto inside;
    while (n < 95) {
        n += 2;
inside:
        say(n);
    }
    // want: 91 93 95
    if (0) say(1000); else if (1) say(7);
    // want: 7
    for (;;) { if (n-- == 90) break; }
    say(n);
    // want: 89
    return 0;
}
