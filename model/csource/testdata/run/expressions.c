// Expressions: the operators, their types and conversions, short circuit,
// ?:, comma, assignment as a value.
void say(long long);

static int calls;
static int yes(int v) { calls++; return v; }

int main(void) {
    int a = 7, b = -3;
    unsigned u = 7;
    unsigned char c = 250;
    signed char s = -1;
    short h;
    long long q = 1;
    say(a / b), say(a % b), say(u / 2), say(a << 3), say(b >> 1), say((unsigned)b >> 28);
    // want: -2 1 3 56 -2 15
    say(a & 5), say(a | 8), say(a ^ 2), say(~a), say(-a), say(+a), say(!a), say(!!a);
    // want: 5 15 5 -8 -7 7 0 1
    c += 10; say(c); c -= 20; say(c); c++; say(c);
    // want: 4 240 241
    say(s == 255), say((unsigned char)s == 255), say(s < 0), say((unsigned)s > 5);
    // want: 0 1 1 1
    h = (short)70000; say(h); say((char)200); say((unsigned short)-1);
    // want: 4464 -56 65535
    q <<= 40; say(q); say((int)q); say((q >> 38) == 4);
    // want: 1099511627776 0 1
    say(b < u), say(b < a), say(a > b), say(a >= 7), say(a <= 6), say(a != b), say(a == 7);
    // want: 0 1 1 1 0 1 1
    say(yes(0) && yes(1)), say(calls); say(yes(1) || yes(1)), say(calls); say(yes(1) && yes(2)), say(calls);
    // want: 0 1 1 2 1 4
    say(yes(0) || yes(0)); say((a > 0 && b > 0) || !(b > 0)); say(a ? b ? 1 : 2 : 3); say(0 ? 1 : yes(9));
    // want: 0 1 1 9
    a = b = 4; say(a + b); a += b *= 3; say(a); say(b);
    // want: 8 16 12
    a = (say(1), say(2), 3); say(a);
    // want: 1 2 3
    a ^= 0xff; say(a); a %= 10; say(a); a |= 16; say(a); a &= ~1; say(a); a >>= 2; say(a); a /= 2; say(a);
    // want: 252 2 18 18 4 2
    say(a++), say(a), say(++a), say(a--), say(--a);
    // want: 2 3 4 4 2
    a = 5; a = a++ + a; say(a > 0);
    // want: 1
    say(sizeof(long)), say(sizeof(void *)), say(sizeof(long long));
    // want: 4 8 8
    say('A'), say('\n'), say('\x41'), say('\0'), say(L'A'), say('ABCD'), say(0x10UL);
    // want: 65 10 65 0 65 1094861636 16
    return 0;
}
