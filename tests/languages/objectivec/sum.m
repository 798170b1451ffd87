#import <Foundation/Foundation.h>

@interface Sum : NSObject {
    long long value;
}
- (void)add:(NSNumber *)number;
- (long long)value;
@end

@implementation Sum
- (void)add:(NSNumber *)number {
    value += [number longLongValue];
}
- (long long)value {
    return value;
}
@end

int main(void) {
    NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
    Sum *sum = [[Sum alloc] init];
    int n;
    long long x;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- > 0 && scanf("%lld", &x) == 1) [sum add:[NSNumber numberWithLongLong:x]];
    printf("%lld\n", [sum value]);
    [sum release];
    [pool drain];
    return 0;
}
